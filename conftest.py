"""Makes the fixtures of the test kit available to all tests, and the reports of the browser tests."""

from __future__ import annotations

pytest_plugins = ["app.testing.plugin", "tests.reports"]

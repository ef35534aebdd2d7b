"""Makes the fixtures of the test kit available to all tests."""

from __future__ import annotations

pytest_plugins = ["app.testing.plugin"]

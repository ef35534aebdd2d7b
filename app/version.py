"""The version of the host, which extensions name in their manifest's ``host`` range."""

from __future__ import annotations

HOST_VERSION = "1.0.0"

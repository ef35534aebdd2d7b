"""The test kit for extension authors: fixtures, conformance checks and contract checks; Paintbox uses it on its own extensions."""

from __future__ import annotations

from app import hookspecs
from app.testing.conformance import CONFORMANCE_CHECKS, Conformance
from app.testing.hosts import HostMaker, temporary_host
from app.testing.values import example_plan

__all__ = ["CONFORMANCE_CHECKS", "Conformance", "HostMaker", "example_plan", "hookspecs", "temporary_host"]

"""The marks of hooks and of their implementations."""

from __future__ import annotations

import pluggy

PROJECT = "paintbox"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)

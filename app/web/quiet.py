"""Arguments of gradio events that answer at once."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

QUIET: Mapping[str, Any] = MappingProxyType({"queue": False, "show_progress": "hidden", "api_visibility": "private"})
"""No queue, no spinner, no entry in an API listing."""

TELLING: Mapping[str, Any] = MappingProxyType({**QUIET, "queue": True, "concurrency_limit": None})
"""The same for an event that may warn: gradio shows ``gr.Warning`` only of events in its queue."""

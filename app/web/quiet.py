"""Arguments of gradio events that answer at once."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import gradio as gr

QUIET: Mapping[str, Any] = MappingProxyType({"queue": False, "show_progress": "hidden", "api_visibility": "private"})
"""No queue, no spinner, no entry in an API listing."""

TELLING: Mapping[str, Any] = MappingProxyType({**QUIET, "queue": True, "concurrency_limit": None})
"""The same for an event that may warn: gradio shows ``gr.Warning`` only of events in its queue."""


def tell_nobody(demo: gr.Blocks) -> None:
    """Events that show no progress tell no component of it.

    Gradio's page otherwise hands the state of a call to each of its outputs, and from then on with every call of the page
    once more, and looks for each of them through the whole tree: with some hundred outputs that is longer than the call.
    """
    for event in demo.fns.values():
        if event.show_progress == "hidden" and event.show_progress_on is None:
            event.show_progress_on = []

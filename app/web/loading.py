"""What is asked of the server whenever the page is opened: one call for all that must be fresh, and the values to begin with."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any

import gradio as gr

from app.web.quiet import QUIET

Load = tuple[str, Callable[..., Any], list[Any]]
"""Owner of a function, the function, and the components that it updates."""
Isolated = Callable[[str, str], AbstractContextManager[None]]
RESTORED = "(told) => window.paintbox.restored(told)"
"""The values to begin with, each at its component's place; components without one stay as they are."""
TAB_NAME = "() => (sessionStorage['paintbox:tab'] ||= Math.random().toString(36).slice(2))"
"""A name for the browser tab, which it keeps when the page is opened in it again."""
FILLED = "() => window.paintbox.filled()"
"""Tells the page's script that the controls show what they should; until then nobody can use them."""


def wire_load(demo: gr.Blocks, browser_tab: Any, loads: Sequence[Load], restores: Sequence[Load], isolated: Isolated) -> None:
    """Call the functions of ``loads`` and ``restores`` when the page is opened, and then say that it is filled.

    ``browser_tab`` gets the name that the tab has given itself; functions of ``restores`` are called with it and the request.

    What ``restores`` return goes to the page as one text: gradio makes a new component for each output of a call, also for one that
    keeps its value, and these are all controls of all forms.
    """
    load, restore = called(loads, isolated), called(restores, isolated)
    places = {component: str(place) for place, component in enumerate(outputs_of(restores))}
    begun = gr.Textbox(visible="hidden", label="Values to begin with", elem_id="page_values")

    def begin(tab: str, request: gr.Request) -> dict[Any, Any]:
        values = {places[component]: value for component, value in restore(tab, request).items()}
        return {**load(request), browser_tab: tab, begun: json.dumps(values)}

    event = demo.load(begin, [browser_tab], [*outputs_of(loads), browser_tab, begun], js=TAB_NAME, **QUIET)
    if places:
        event = event.then(None, [begun], list(places), js=RESTORED, show_progress="hidden")
    event.then(None, None, None, js=FILLED)


def called(loads: Iterable[Load], isolated: Isolated) -> Callable[..., dict[Any, Any]]:
    """One function for many, of which each may fail alone."""
    functions = tuple(loads)

    def call(*given: Any) -> dict[Any, Any]:
        updates: dict[Any, Any] = {}
        for owner, function, _ in functions:
            with isolated(owner, "a function called when the page is opened"):
                for component, update in function(*given).items():
                    updates[component] = joined(updates.get(component), update)
        return updates

    return call


def outputs_of(loads: Iterable[Load]) -> list[Any]:
    """The components of all of them, each once."""
    return list(dict.fromkeys(component for _, _, listed in loads for component in listed))


def joined(first: Any, second: Any) -> Any:
    """One update of a component out of two: one may change its value and the other its choices."""
    return {**first, **second} if isinstance(first, dict) and isinstance(second, dict) else second

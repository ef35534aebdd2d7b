"""Keeps what a user typed: a form's values go to the server while they change and come back when the page is opened."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any, Protocol

import gradio as gr

from app.values.base import Json
from app.web.forms import PageForm
from app.web.quiet import QUIET

if TYPE_CHECKING:
    from app.host import Host

DEFAULTS = "#defaults"
"""Key in a draft of the keys that stood at their defaults, and of those whose defaults were not their extension's."""
Adjust = Callable[[Mapping[str, Json]], Mapping[str, Json]]


class DraftPage(Protocol):
    """The part of the page that is needed here."""

    host: Host

    @property
    def adjusted(self) -> Collection[Any]:
        """Components that begin with another value than their extension gave them."""
        ...

    def owner(self, request: Any) -> str:
        """Name of the user behind a request."""
        ...

    def on_restore(self, function: Callable[..., Any], components: Any) -> None:
        """Call a function when the page is opened, for the values of many components."""
        ...


def wire_draft(page: DraftPage, form: PageForm, adjust: Adjust) -> None:
    """Add the hidden button that the page's script clicks after changes, and the way back."""
    keep = gr.Button("Keep draft", elem_id=form.elem_id("keep_draft"), elem_classes=["keep-draft"], visible="hidden")

    def save(values: dict[Any, Json], request: gr.Request) -> None:
        kept = form.read(values)
        defaults: dict[str, Json] = {"at": _at_default(form, kept), "adjusted": _adjusted(page, form)}
        page.host.jobs.drafts.set(page.owner(request), form.id, {**kept, DEFAULTS: defaults})

    def restore(request: gr.Request) -> dict[Any, Any]:
        draft = current(page.host.jobs.drafts.get(page.owner(request), form.id) or {}, _adjusted(page, form))
        return form.values({**draft, **adjust(draft)})

    keep.click(save, form.components(), None, preprocess=False, trigger_mode="always_last", **QUIET)
    page.on_restore(restore, form.components())


def current(draft: Mapping[str, Json], adjusted: Collection[Json]) -> dict[str, Json]:
    """The draft without what nobody typed: values that stood at a default that somebody has changed, then or since."""
    values = dict(draft)
    kept = values.pop(DEFAULTS, None)
    if not isinstance(kept, dict):
        return values
    at, then = kept.get("at"), kept.get("adjusted")
    untouched = set(at if isinstance(at, list) else ()) & {*adjusted, *(then if isinstance(then, list) else ())}
    return {key: value for key, value in values.items() if key not in untouched}


def _at_default(form: PageForm, values: Mapping[str, Json]) -> list[Json]:
    return [key for key, value in values.items() if form.component(key).value == value]


def _adjusted(page: DraftPage, form: PageForm) -> list[Json]:
    return [key for key in form.keys() if form.component(key) in page.adjusted]

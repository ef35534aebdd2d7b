"""Keeps what a user typed: a form's values go to the server while they change and come back when the page is opened."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

import gradio as gr

from app.values.base import Json
from app.web.forms import PageForm
from app.web.quiet import QUIET

if TYPE_CHECKING:
    from app.host import Host

Adjust = Callable[[Mapping[str, Json]], Mapping[str, Json]]


class DraftPage(Protocol):
    """The part of the page that is needed here."""

    host: Host

    def owner(self, request: Any) -> str:
        """Name of the user behind a request."""
        ...

    def on_load(self, function: Callable[..., Any], outputs: Any) -> None:
        """Call a function when the page is opened."""
        ...


def wire_draft(page: DraftPage, form: PageForm, adjust: Adjust) -> None:
    """Add the hidden button that the page's script clicks after changes, and the way back."""
    keep = gr.Button("Keep draft", elem_id=form.elem_id("keep_draft"), elem_classes=["keep-draft"], visible="hidden")

    def save(values: dict[Any, Json], request: gr.Request) -> None:
        page.host.jobs.drafts.set(page.owner(request), form.id, form.read(values))

    def restore(request: gr.Request) -> dict[Any, Any]:
        draft = page.host.jobs.drafts.get(page.owner(request), form.id) or {}
        return form.fill({**draft, **adjust(draft)})

    keep.click(save, form.components(), None, preprocess=False, trigger_mode="always_last", **QUIET)
    page.on_load(restore, form.components())

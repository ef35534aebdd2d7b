"""Keeps what a user typed: a form's values go to the server while they change and come back when the page is opened.

A browser tab that is opened again has its own values, which belong to the job that it shows; a new one has those that the user typed last.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any, Protocol

import gradio as gr

from app.values.base import Json
from app.web.draft_values import DEFAULTS, DraftForms, adjusted_keys, fitting
from app.web.forms import PageForm

if TYPE_CHECKING:
    from app.host import Host

TAB = re.compile(r"[a-z0-9]{1,32}")
"""The name that a browser tab has given itself."""
Adjust = Callable[[Mapping[str, Json]], Mapping[str, Json]]


class KeepingPage(Protocol):
    """The part of the page that is needed to keep what was typed."""

    host: Host
    browser_tab: Any
    """The hidden text with the name that the browser tab has given itself."""

    def owner(self, request: Any) -> str:
        """Name of the user behind a request."""
        ...


class DraftPage(KeepingPage, Protocol):
    """The part of the page that is needed here."""

    draft_forms: DraftForms

    @property
    def adjusted(self) -> Collection[Any]:
        """Components that begin with another value than their extension gave them."""
        ...

    def on_restore(self, function: Callable[..., Any], components: Any) -> None:
        """Call a function when the page is opened, for the values of many components."""
        ...


def wire_draft(page: DraftPage, form: PageForm, adjust: Adjust) -> None:
    """Add the hidden button that the page's script clicks after changes, and the way back.

    The click asks the server nothing: it hands the values to the script, which sends them as soon as the server can be reached. What
    is typed while the server is restarted is kept, too, also where a page of the new one has other controls.
    """
    keep = gr.Button("Keep draft", elem_id=form.elem_id("keep_draft"), elem_classes=["keep-draft"], visible="hidden")
    page.draft_forms.add(form, lambda: page.adjusted)

    def restore(tab: str, request: gr.Request) -> dict[Any, Any]:
        drafts, owner = page.host.jobs.drafts, page.owner(request)
        kept = (TAB.fullmatch(tab) and drafts.get(owner, form.id, tab)) or drafts.get(owner, form.id)
        draft = fitting(form, current(kept or {}, adjusted_keys(form, page.adjusted)))
        return form.values({**draft, **adjust(draft)})

    texts = {
        key: component.elem_id for key in form.keys() if isinstance(component := form.component(key), gr.Textbox) and component.elem_id
    }
    named = f"{form.id!r}, {json.dumps(form.keys())}, {json.dumps(texts)}"
    keep.click(None, form.components(), None, js=f"(...values) => window.paintbox.draftTyped({named}, values)", show_progress="hidden")
    page.on_restore(restore, form.components())


def keep_draft(page: KeepingPage, form: PageForm, values: Mapping[Any, Json], request: Any) -> None:
    """Keep the values of an event, whose inputs were the form's components and ``page.browser_tab``, for the tab and for the user."""
    tab = str(values.get(page.browser_tab) or "")
    page.host.jobs.drafts.set(page.owner(request), form.id, form.read(values), tab if TAB.fullmatch(tab) else "")


def current(draft: Mapping[str, Json], adjusted: Collection[Json]) -> dict[str, Json]:
    """The draft without what nobody typed: values that stood at a default that somebody has changed, then or since."""
    values = dict(draft)
    kept = values.pop(DEFAULTS, None)
    if not isinstance(kept, dict):
        return values
    at, then = kept.get("at"), kept.get("adjusted")
    untouched = set(at if isinstance(at, list) else ()) & {*adjusted, *(then if isinstance(then, list) else ())}
    return {key: value for key, value in values.items() if key not in untouched}

"""Draws the styles of a form: the drop-down, and the buttons that apply what is chosen and open the editor."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from html import escape
from typing import TYPE_CHECKING, Any

import gradio as gr

from app.api import Page, UserError
from extensions.styles.api import apply_named, installed_styles, listed_styles

if TYPE_CHECKING:
    from app.api import Host

KEY = "styles"
"""Form key, which is the field of the request."""
BOXES = ("prompt", "negative_prompt", KEY)


def draw_choice(page: Page) -> None:
    """The drop-down; its list is fresh whenever it is opened."""
    form, host = page.form, page.host
    with gr.Row(elem_id=form.elem_id("styles_row")):
        choice = form.add(KEY, gr.Dropdown(value=[], multiselect=True, elem_id=form.elem_id("styles"), min_width=100, **listed(host)))
    fresh = gr.Button("Look for styles", visible="hidden", elem_id=form.elem_id("styles_list_button"), elem_classes=["styles-list"])

    def look(chosen: Sequence[str] | None) -> Any:
        return gr.update(**listed(host), value=still_there(chosen or (), host))

    # always_last: gradio drops an event whose predecessor has not been answered, and the list would stay as that one found it
    gr.on([fresh.click, choice.focus], look, [choice], [choice], preprocess=False, trigger_mode="always_last", **page.quiet)
    page.on_load(lambda request: {choice: gr.update(**listed(host))}, [choice])


def draw_tools(page: Page) -> None:
    """📋 puts the texts of the chosen styles into the prompts, 🖌️ opens the editor, which is the script's."""
    form = page.form
    button = gr.Button("📋", elem_id=form.elem_id("style_apply"), elem_classes=["tool", "icon-clipboard"], min_width=36)
    gr.Button("🖌️", elem_id=form.elem_id("styles_edit_button"), elem_classes=["tool", "icon-brush", "styles-edit"], min_width=36)
    page.after_form(partial(_wire_apply, page, button))


def _wire_apply(page: Page, button: gr.Button) -> None:
    form, host = page.form, page.host
    if form.find(KEY) is None:
        return
    boxes = [form.component(key) for key in BOXES]

    def apply(prompt: str | None, negative: str | None, chosen: Sequence[str] | None) -> tuple[Any, ...]:
        try:
            merged = apply_named(installed_styles(host), chosen or (), prompt or "", negative or "")
        except UserError as error:
            gr.Warning(escape(str(error)))
            return tuple(gr.skip() for _ in BOXES)
        if not chosen:
            gr.Info("Choose styles first: their texts are put into the prompts.")
        return *merged, []

    button.click(apply, boxes, boxes, preprocess=False, **page.telling)


def listed(host: Host) -> dict[str, Any]:
    """Choices of the drop-down, and below it what is wrong with the files."""
    try:
        return {"label": "Styles", "choices": [style.name for style in listed_styles(host)], "info": ""}
    except UserError as error:
        return {"label": "Styles", "choices": [], "info": str(error)}


def still_there(chosen: Sequence[str], host: Host) -> list[str]:
    """The chosen styles without those that are gone; all of them while the files cannot be read."""
    try:
        names = {style.name for style in installed_styles(host)}
    except UserError:
        return list(chosen)
    return [name for name in chosen if name in names]

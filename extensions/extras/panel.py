"""Draws the place of the Extras tab, which its script fills when it is first opened, and the button below galleries."""

from __future__ import annotations

import gradio as gr

from app.api import Page

PLACE = '<div class="page-view" data-view="extras/view/extras.js"><p role="status">Loading …</p></div>'


def draw_place(page: Page) -> None:
    """One element."""
    gr.HTML(PLACE, elem_id="extras_place", padding=False)


def draw_send_button(page: Page) -> None:
    """📐: the selected picture goes to the tab."""
    form = page.form.id
    button = gr.Button("📐", elem_id=page.form.elem_id("send_to_extras"), elem_classes=["tool", "icon-enlarge"], min_width=36)
    button.click(None, None, None, js=f"() => window.paintbox.pictures.sendSelected({form!r}, 'extras')", show_progress="hidden")

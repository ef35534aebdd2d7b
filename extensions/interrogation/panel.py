"""Draws the buttons that describe the picture of img2img in its prompt."""

from __future__ import annotations

import gradio as gr

from app.api import Page
from extensions.interrogation.registered import find

FORM = "img2img"
BUTTONS = (("clip", "📎", "interrogate"), ("deepdanbooru", "📦", "deepbooru"))
"""Role, text and element id."""


def draw_buttons(page: Page) -> None:
    """One for each of A1111's two roles that somebody plays."""
    if page.form.id != FORM:
        return
    for role, text, elem_id in BUTTONS:
        if find(role, page.host) is not None:
            button = gr.Button(text, elem_id=elem_id, elem_classes=["tool"], min_width=36)
            button.click(None, None, None, js=f"() => window.paintbox.interrogate({role!r})", show_progress="hidden")

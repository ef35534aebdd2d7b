"""Draws the file field that a drop on the prompt box fills."""

from __future__ import annotations

import gradio as gr

from app.api import Page

FIELD = '<input type="file" accept="image/*,text/plain" tabindex="-1" aria-label="Picture whose generation parameters are read" hidden>'


def draw_field(page: Page) -> None:
    """A hidden field; the extension's script does the rest, and says below the prompts what was read."""
    gr.HTML(FIELD, elem_id=page.form.elem_id("prompt_image"), elem_classes=["prompt-image"], padding=False)

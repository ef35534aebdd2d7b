"""Draws the place of the page "Convert & prune"; the extension's script fills it when it is opened."""

from __future__ import annotations

import gradio as gr

from app.api import Page

PLACE = '<div class="page-view" data-view="model_conversion/view/convert.js"><p role="status">Loading …</p></div>'


def draw_place(page: Page) -> None:
    """One element."""
    with gr.Tab("Convert & prune", id="convert", elem_id="model_conversion_tab"):
        gr.HTML(PLACE, elem_id="model_conversion_place", padding=False)

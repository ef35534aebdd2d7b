"""Draws the place of the page "Inspect"; the extension's script fills it when it is opened."""

from __future__ import annotations

import gradio as gr

from app.api import Page

PLACE = '<div class="page-view" data-view="model_inspection/view/inspect.js"><p role="status">Loading …</p></div>'


def draw_place(page: Page) -> None:
    """One element."""
    with gr.Tab("Inspect", id="inspect", elem_id="model_inspection_tab"):
        gr.HTML(PLACE, elem_id="model_inspection_place", padding=False)

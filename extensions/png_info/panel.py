"""Draws the place of the PNG Info tab; its script fills it when it is first opened."""

from __future__ import annotations

import gradio as gr

from app.api import Page

PLACE = '<div class="page-view" data-view="png_info/view/png_info.js"><p role="status">Loading …</p></div>'


def draw_place(page: Page) -> None:
    """One element."""
    gr.HTML(PLACE, elem_id="pnginfo_place", padding=False)

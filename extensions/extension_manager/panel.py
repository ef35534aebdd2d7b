"""Draws the place for the tab; the extension's script fills it when it is opened."""

from __future__ import annotations

import gradio as gr

from app.api import Page

PLACE = '<div class="page-view" data-view="extension_manager/view/view.js"><p role="status">Loading …</p></div>'


def draw_place(page: Page) -> None:
    """One element, whatever the number of extensions."""
    gr.HTML(PLACE, elem_id="extensions_place", padding=False)

"""Draws the place of the page "Merge"; the extension's script fills it when it is opened."""

from __future__ import annotations

import gradio as gr

from app.api import Page

PLACE = '<div class="page-view" data-view="checkpoint_merger/view/merge.js"><p role="status">Loading …</p></div>'


def draw_place(page: Page) -> None:
    """One element."""
    with gr.Tab("Merge", id="merge", elem_id="modelmerger_merge_tab"):
        gr.HTML(PLACE, elem_id="modelmerger_place", padding=False)

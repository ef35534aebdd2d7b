"""Draws the tab: a page for merging, and one for each tool that other extensions bring along."""

from __future__ import annotations

import gradio as gr

from app.api import Page, PageSlot

PLACE = '<div class="page-view" data-view="checkpoint_merger/view/merge.js"><p role="status">Loading …</p></div>'


def draw_tools(page: Page) -> None:
    """The places; each extension's script fills its own when it is opened."""
    with gr.Tabs(elem_id="modelmerger_tabs"):
        with gr.Tab("Merge", id="merge", elem_id="modelmerger_merge_tab"):
            gr.HTML(PLACE, elem_id="modelmerger_place", padding=False)
        page.draw(PageSlot.MODEL_TOOLS)

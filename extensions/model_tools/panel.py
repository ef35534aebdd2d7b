"""Draws the tab: the pages of all tools."""

from __future__ import annotations

import gradio as gr

from app.api import Page, PageSlot


def draw_tools(page: Page) -> None:
    """The places; each extension's script fills its own when it is opened."""
    with gr.Tabs(elem_id="modelmerger_tabs"):
        page.draw(PageSlot.TOOL_PAGES)

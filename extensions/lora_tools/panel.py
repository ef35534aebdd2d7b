"""Draws the places of the pages "Extract LoRA" and "Bake LoRA"; the extension's scripts fill them when they are opened."""

from __future__ import annotations

import gradio as gr

from app.api import Page

PLACE = '<div class="page-view" data-view="lora_tools/view/{}.js"><p role="status">Loading …</p></div>'


def draw_extract(page: Page) -> None:
    """One element."""
    with gr.Tab("Extract LoRA", id="extract", elem_id="lora_extract_tab"):
        gr.HTML(PLACE.format("extract"), elem_id="lora_extract_place", padding=False)


def draw_bake(page: Page) -> None:
    """One element."""
    with gr.Tab("Bake LoRA", id="bake", elem_id="lora_bake_tab"):
        gr.HTML(PLACE.format("bake"), elem_id="lora_bake_place", padding=False)

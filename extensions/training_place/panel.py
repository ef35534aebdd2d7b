"""Draws the Train tab: the pages of extensions that train, or a word that there are none."""

from __future__ import annotations

import gradio as gr

from app.api import Page, PageSlot

NOTHING = (
    '<div class="training-place"><h2>Training comes with extensions</h2>'
    "<p>Nothing that trains is installed. An extension that trains embeddings, hypernetworks or LoRAs gets a page of its own here.</p>"
    "<p>Files that were trained elsewhere work right away: put them into embeddings, models/hypernetworks or models/Lora, then use the tabs"
    " beside Generation.</p></div>"
)


def draw_place(page: Page) -> None:
    """The whole tab."""
    if not page.has_panels(PageSlot.TRAINING):
        gr.HTML(NOTHING, elem_id="train_nothing", padding=False)
        return
    with gr.Tabs(elem_id="train_tabs"):
        page.draw(PageSlot.TRAINING)

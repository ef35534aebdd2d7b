"""Draws the block of the refiner in the form."""

from __future__ import annotations

import gradio as gr

from app.api import Page
from extensions.refiner.params import RefinerParams


def draw_block(page: Page) -> None:
    """The tick and, while it is set, checkpoint and moment; the list is fresh whenever the page is opened."""
    form, host = page.form, page.host
    with form.switched(RefinerParams, "enabled", "Refiner", value=False), gr.Row(elem_id=form.elem_id("refiner_row")):
        form.add_params(RefinerParams, names=("checkpoint", "switch_at"), choices=RefinerParams.choices(host))
    checkpoint = form.component(f"params.{RefinerParams.feature}.checkpoint")
    page.on_load(lambda request: {checkpoint: gr.update(choices=RefinerParams.choices(host)["checkpoint"])}, [checkpoint])

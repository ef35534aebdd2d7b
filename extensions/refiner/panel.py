"""Draws the block of the refiner in the form."""

from __future__ import annotations

from typing import Any

import gradio as gr

from app.api import Page
from extensions.refiner.params import RefinerParams


def draw_block(page: Page) -> None:
    """The tick and, while it is set, checkpoint and moment; the list is fresh when the page is opened, and after its button."""
    form, host = page.form, page.host
    with form.switched(RefinerParams, "enabled", "Refiner", value=False), gr.Row(elem_id=form.elem_id("refiner_row")):
        with gr.Row(elem_classes=["with-tool"]):
            form.add_params(RefinerParams, names=("checkpoint",), choices=RefinerParams.choices(host))
            refresh = gr.Button("🔄", elem_id=form.elem_id("checkpoint_refresh"), elem_classes=["tool", "icon-refresh"], min_width=36)
        form.add_params(RefinerParams, names=("switch_at",))
    checkpoint = form.component(f"params.{RefinerParams.feature}.checkpoint")

    def look() -> Any:
        host.models.refresh("checkpoint")
        return page.relisted(checkpoint, RefinerParams.choices(host)["checkpoint"])

    refresh.click(look, None, [checkpoint], **page.quiet)
    page.on_load(lambda request: {checkpoint: page.relisted(checkpoint, RefinerParams.choices(host)["checkpoint"])}, [checkpoint])

"""Draws the block of the refiner in the form."""

from __future__ import annotations

from typing import TYPE_CHECKING

import gradio as gr

from app.api import Page
from extensions.checkpoints.api import usable
from extensions.refiner.params import NO_CHECKPOINT, RefinerParams

if TYPE_CHECKING:
    from app.api import Host


def draw_block(page: Page) -> None:
    """The tick and, while it is set, checkpoint and moment; the list is fresh whenever the page is opened."""
    form, host = page.form, page.host
    with form.switched(RefinerParams, "enabled", "Refiner", value=False), gr.Row(elem_id=form.elem_id("refiner_row")):
        form.add_params(RefinerParams, names=("checkpoint", "switch_at"), choices={"checkpoint": titles(host)})
    checkpoint = form.component(f"params.{RefinerParams.feature}.checkpoint")
    page.on_load(lambda request: {checkpoint: gr.update(choices=titles(host))}, [checkpoint])


def titles(host: Host) -> list[str]:
    """What can be chosen at this moment."""
    return [NO_CHECKPOINT, *(record.title for record in usable(host))]

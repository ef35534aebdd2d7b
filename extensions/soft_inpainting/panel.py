"""Draws the block of soft inpainting in the form of img2img."""

from __future__ import annotations

import gradio as gr

from app.api import Page
from extensions.img2img.api import FORM, INPAINT_CLASS
from extensions.soft_inpainting.params import SoftInpaintingParams

ROWS = (
    ("mask_blend_power", "mask_blend_scale"),
    ("inpaint_detail_preservation", "composite_mask_influence"),
    ("composite_difference_threshold", "composite_difference_contrast"),
)


def draw_block(page: Page) -> None:
    """The tick and, while it is set, the sliders: how latents are mixed, and which pixels are the original's in the end."""
    form = page.form
    if form.id != FORM:
        return
    with gr.Column(elem_classes=[INPAINT_CLASS]), form.switched(SoftInpaintingParams, "enabled", "Soft inpainting"):
        for names in ROWS:
            with gr.Row():
                form.add_params(SoftInpaintingParams, names=names)

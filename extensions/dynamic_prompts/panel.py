"""Draws the controls of dynamic prompts, folded up: most people switch them on and leave them."""

from __future__ import annotations

import gradio as gr

from app.api import Page
from extensions.dynamic_prompts.params import ENABLED, SWITCH, DynamicPromptsParams


def draw_block(page: Page) -> None:
    """The accordion in every form with prompts."""
    form = page.form
    with gr.Accordion("Dynamic prompts", open=False, elem_id=form.elem_id("dynamic_prompts")):
        form.add_params(DynamicPromptsParams, {ENABLED: bool(page.host.settings.get(SWITCH))}, names=(ENABLED,))
        with gr.Row():
            form.add_params(DynamicPromptsParams, names=("combinatorial", "max_generations", "combinatorial_batches"))
        with gr.Row():
            form.add_params(DynamicPromptsParams, names=("fixed_seed", "unlink_seed", "ignore_negative"))

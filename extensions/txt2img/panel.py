"""Draws the txt2img tab: prompts and actions on top, parameters on the left, results on the right."""

from __future__ import annotations

import gradio as gr

from app.api import Page, PageSlot
from extensions.generation_form.api import (
    SeedButtons,
    draw_batch,
    draw_cfg,
    draw_sampler,
    draw_seed,
    draw_size,
    draw_toprow,
    make_request,
    wire_native_size,
    wire_seed_reuse,
)

FORM = "txt2img"


def build_tab(page: Page) -> None:
    """The whole tab."""
    with page.open_form(FORM) as form:
        draw_toprow(page, make_request)
        with gr.Row(elem_classes=["resize-handle-row"]):
            with gr.Column(elem_id=form.elem_id("settings_column"), min_width=300):
                with gr.Tabs(elem_id=form.elem_id("extra_tabs")):
                    with gr.Tab("Generation", id="generation", elem_id=form.elem_id("generation")):
                        reuse = draw_parameters(page)
                    page.draw(PageSlot.FORM_TABS)
            with gr.Column(elem_id=form.elem_id("results_column"), min_width=300):
                results = page.job_results()
        wire_seed_reuse(page, reuse, results)
        wire_native_size(page)


def draw_parameters(page: Page) -> SeedButtons:
    """The blocks below the prompts, in A1111's order; returns the buttons that take a picture's seeds."""
    form = page.form
    with gr.Column(elem_id=form.elem_id("settings")):
        draw_sampler(page)
        with gr.Column(elem_id=form.elem_id("accordions")):
            page.draw(PageSlot.GENERATION)
        with gr.Row(elem_id=form.elem_id("dimensions_row"), elem_classes=["dimensions"]):
            draw_size(page)
            draw_batch(page)
        draw_cfg(page)
        buttons = draw_seed(page)
        page.draw(PageSlot.SCRIPTS)
        return buttons

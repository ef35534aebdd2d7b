"""Lays out a tab that draws pictures: prompts, the blocks of the form in A1111's order or the user's, and the results."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import gradio as gr

from app.api import Page, PageSlot
from extensions.a1111_infotext.api import FORM_KEY
from extensions.generation_form.panel.parts import (
    FormRequest,
    SeedButtons,
    draw_batch,
    draw_cfg,
    draw_compact_prompts,
    draw_generate,
    draw_sampler,
    draw_seed,
    draw_size,
    draw_toprow,
    wire_native_size,
    wire_seed_reuse,
)
from extensions.generation_form.settings import PROMPT, ordered_blocks

Block = Callable[[Page], None]
WITH_SIZE = "dimensions_and_batch_together"
ORDER = "ui_reorder_list"


def draw_tab(page: Page, form_id: str, submission: FormRequest, blocks: Mapping[str, Block]) -> None:
    """The whole tab; ``blocks`` are those that only this tab has, or draws in a way of its own, by A1111's names."""
    is_compact = bool(page.host.settings.get("compact_prompt_box"))
    is_block = is_compact and ordered_blocks(page.host.settings.get(ORDER))[0] != PROMPT
    if is_block:
        blocks = {**blocks, PROMPT: draw_compact_prompts}
    with page.open_form(form_id) as form:
        if not is_compact:
            draw_toprow(page, submission)
            page.job_problem()
        with gr.Row(elem_classes=["resize-handle-row"]):
            with gr.Column(elem_id=form.elem_id("settings_column"), min_width=300):
                if is_compact and not is_block:
                    draw_compact_prompts(page)
                with gr.Tabs(elem_id=form.elem_id("extra_tabs")):
                    with gr.Tab("Generation", id="generation", elem_id=form.elem_id("generation")):
                        reuse = _draw_blocks(page, blocks)
                    page.draw(PageSlot.FORM_TABS)
            with gr.Column(elem_id=form.elem_id("results_column"), min_width=300):
                if is_compact:
                    draw_generate(page, submission)
                    page.job_problem()
                results = page.job_results()
        wire_seed_reuse(page, reuse, results)
        wire_native_size(page)


def draw_size_row(page: Page, size: Block) -> None:
    """The sliders of the size, beside them those of the batch unless these stand alone."""
    with gr.Row(elem_id=page.form.elem_id("dimensions_row"), elem_classes=["dimensions"]):
        size(page)
        if page.host.settings.get(WITH_SIZE):
            draw_batch(page)


def _draw_blocks(page: Page, own: Mapping[str, Block]) -> SeedButtons:
    """All blocks in their order; returns the buttons that take a picture's seeds."""
    reuse: list[SeedButtons] = []
    shared: dict[str, Block] = {
        "sampler": draw_sampler,
        "accordions": _draw_accordions,
        "dimensions": lambda page: draw_size_row(page, _draw_size),
        "cfg": draw_cfg,
        "seed": lambda page: reuse.append(draw_seed(page)),
        "batch": _draw_batch_alone,
        "override_settings": lambda page: page.draw(PageSlot.GENERATION, only=FORM_KEY),
        "scripts": _draw_features,
    }
    blocks = {**shared, **own}
    with _parameters(page), gr.Column(elem_id=page.form.elem_id("settings")):
        for name in ordered_blocks(page.host.settings.get(ORDER)):
            blocks.get(name, lambda page: None)(page)
    return reuse[0]


def _parameters(page: Page) -> AbstractContextManager[Any]:
    """What the parameters stand in: a closed accordion where the settings say so."""
    form = page.form
    if not page.host.settings.snapshot().get(f"{form.id}_settings_accordion"):
        return nullcontext()
    return gr.Accordion("Settings", open=False, elem_id=form.elem_id("settings_accordion"))


def _draw_size(page: Page) -> None:
    draw_size(page)


def _draw_accordions(page: Page) -> None:
    with gr.Column(elem_id=page.form.elem_id("accordions"), elem_classes=["blocks-of-features"]):
        page.draw(PageSlot.ACCORDIONS)


def _draw_batch_alone(page: Page) -> None:
    if not page.host.settings.get(WITH_SIZE):
        with gr.Row(elem_classes=["dimensions"]):
            draw_batch(page)


def _draw_features(page: Page) -> None:
    with gr.Column(elem_id=page.form.elem_id("features"), elem_classes=["blocks-of-features"]):
        page.draw(PageSlot.GENERATION, without=(FORM_KEY,))
        page.draw(PageSlot.SCRIPTS)

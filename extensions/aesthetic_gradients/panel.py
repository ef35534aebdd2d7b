"""Draws the block of aesthetic gradients in the form, with A1111's controls."""

from __future__ import annotations

from typing import Any

import gradio as gr

from app.api import Page
from extensions.aesthetic_gradients.params import FOLDER, AestheticParams


def draw_block(page: Page) -> None:
    """Closed at first; the list of embeddings is fresh when the page is opened, and after its button."""
    form, host = page.form, page.host
    with gr.Accordion("Open for Clip Aesthetic!", open=False, elem_id=form.elem_id("aesthetic_group")):
        with gr.Row():
            form.add_params(AestheticParams, names=("weight", "steps"))
        with gr.Row():
            form.add_params(AestheticParams, names=("learning_rate", "slerp"))
        with gr.Row(elem_classes=["with-tool"]):
            form.add_params(AestheticParams, names=("embedding",), choices=AestheticParams.choices(host))
            refresh_id = form.elem_id("aesthetic_refresh")
            refresh = gr.Button("🔄", elem_id=refresh_id, elem_classes=["tool", "icon-refresh"], min_width=36)
        form.add_params(AestheticParams, names=("text",))
        with gr.Row():
            form.add_params(AestheticParams, names=("slerp_angle", "text_negative"))
    embedding = form.component(f"params.{AestheticParams.feature}.embedding")

    def look() -> Any:
        host.models.refresh(FOLDER)
        return page.relisted(embedding, AestheticParams.choices(host)["embedding"])

    refresh.click(look, None, [embedding], **page.quiet)
    page.on_load(lambda request: {embedding: page.relisted(embedding, AestheticParams.choices(host)["embedding"])}, [embedding])

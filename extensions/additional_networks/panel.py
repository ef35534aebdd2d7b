"""Draws the block of Additional Networks in the form; the rows themselves are drawn by the page's script."""

from __future__ import annotations

import gradio as gr

from app.api import Page
from extensions.additional_networks.params import AdditionalNetworksParams

ROWS_KEY = f"params.{AdditionalNetworksParams.feature}.networks"


def draw_block(page: Page) -> None:
    """The tick and, while it is set, the rows; the hidden field holds them as JSON."""
    form = page.form
    with form.switched(AdditionalNetworksParams, "enabled", "Additional Networks"):
        form.add_params(AdditionalNetworksParams, names=("separate_weights",))
        gr.HTML(f'<div class="additional-rows" data-form="{form.id}"></div>', padding=False)
    rows_id = form.elem_id("additional_networks_rows")
    field = form.add(ROWS_KEY, gr.Textbox("", visible="hidden", label="Additional Networks: rows", elem_id=rows_id))
    field.change(None, None, None, js=f"() => window.paintbox.additionalNetworks.show({form.id!r})", show_progress="hidden")

"""Draws the override settings of a form: chips that can be removed; the row is there only while it has any."""

from __future__ import annotations

import gradio as gr

from app.api import Page
from extensions.a1111_infotext.chips import FORM_KEY


def draw_override_settings(page: Page) -> None:
    """One multiple choice whose values are ``Label: value``."""
    form = page.form
    with gr.Row(elem_id=form.elem_id("override_settings_row"), elem_classes=["override-settings"]):
        chips = gr.Dropdown(
            [],
            value=[],
            multiselect=True,
            allow_custom_value=True,
            label="Override settings",
            info="These settings count for the pictures of this form only. Remove those that you do not want.",
            elem_id=form.elem_id("override_settings"),
        )
    form.add(FORM_KEY, chips)

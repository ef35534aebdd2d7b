"""Draws the button that deletes the selected picture; the extension's script does the rest."""

from __future__ import annotations

import gradio as gr

from app.api import Page


def draw_button(page: Page) -> None:
    """🗑️ below the pictures."""
    gr.Button("🗑️", elem_id=page.form.elem_id("delete"), elem_classes=["tool", "icon-clear", "delete-picture"], min_width=36)

"""Draws the place for the settings; the extension's script fills it when the tab is opened."""

from __future__ import annotations

import gradio as gr

from app.api import Page

PLACE = '<div class="settings-view"><p role="status">Loading …</p></div>'


def draw_place(page: Page) -> None:
    """One element, whatever the number of settings."""
    gr.HTML(PLACE, elem_id="settings_view", padding=False)

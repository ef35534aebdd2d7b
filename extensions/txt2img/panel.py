"""Draws the txt2img tab: the shared form as it is."""

from __future__ import annotations

from app.api import Page
from extensions.generation_form.api import FormRequest, draw_tab, make_request

FORM = "txt2img"


def build_tab(page: Page) -> None:
    """The whole tab."""
    draw_tab(page, FORM, FormRequest(make_request), {})

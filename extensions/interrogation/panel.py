"""Draws the buttons that describe the picture of img2img in its prompt."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType

import gradio as gr

from app.api import Page
from extensions.interrogation.registered import find

FORM = "img2img"
BUTTONS = (("clip", "📎", "interrogate"), ("deepdanbooru", "📦", "deepbooru"))
"""Role, text and element id."""
ICONS: Mapping[str, str] = MappingProxyType({"clip": "clip", "deepdanbooru": "tags"})


def draw_buttons(page: Page) -> None:
    """One for each of A1111's two roles; where nobody plays it, a click says what is missing."""
    if page.form.id != FORM:
        return
    for role, text, elem_id in BUTTONS:
        is_there = json.dumps(find(role, page.host) is not None)
        button = gr.Button(text, elem_id=elem_id, elem_classes=["tool", f"icon-{ICONS[role]}"], min_width=36)
        button.click(None, None, None, js=f"() => window.paintbox.interrogate({role!r}, {is_there})", show_progress="hidden")

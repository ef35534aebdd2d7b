"""What other extensions may use of the shared form; it brings gradio along, so import it in ``panel.py`` only."""

from __future__ import annotations

from extensions.generation_form.panel.layout import Block, draw_size_row, draw_tab
from extensions.generation_form.panel.parts import FormRequest, draw_size, slider, tool_button
from extensions.generation_form.paste import Pasted, read_pasted
from extensions.generation_form.request import make_request

__all__ = [
    "Block",
    "Pasted",
    "FormRequest",
    "draw_size",
    "draw_size_row",
    "draw_tab",
    "make_request",
    "read_pasted",
    "slider",
    "tool_button",
]

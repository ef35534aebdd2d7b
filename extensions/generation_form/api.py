"""What other extensions may use of the shared form; it brings gradio along, so import it in ``panel.py`` only."""

from __future__ import annotations

from extensions.generation_form.panel import (
    SeedButtons,
    draw_batch,
    draw_cfg,
    draw_sampler,
    draw_seed,
    draw_size,
    draw_toprow,
    slider,
    tool_button,
    wire_native_size,
    wire_seed_reuse,
)
from extensions.generation_form.paste import Pasted, read_pasted
from extensions.generation_form.request import make_request

__all__ = [
    "Pasted",
    "SeedButtons",
    "draw_batch",
    "draw_cfg",
    "draw_sampler",
    "draw_seed",
    "draw_size",
    "draw_toprow",
    "make_request",
    "read_pasted",
    "slider",
    "tool_button",
    "wire_native_size",
    "wire_seed_reuse",
]

"""What other extensions may use of the canvas; it brings gradio along, so import it in ``panel.py`` only."""

from __future__ import annotations

from extensions.image_canvas.panel import WHITE, Canvas, CanvasFields, add_fields, draw_canvas, field_key

__all__ = ["WHITE", "Canvas", "CanvasFields", "add_fields", "draw_canvas", "field_key"]

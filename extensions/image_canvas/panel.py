"""Draws canvases: a place that the script fills, and hidden fields of the form in which the names of its pictures stand."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Literal

import gradio as gr

from app.api import Page

WHITE = "#ffffff"
FIELDS = ("picture", "painted", "extend")


@dataclass(frozen=True)
class Canvas:
    """``name`` is the element's id and part of its keys in the form; ``label`` is what screen readers call it.

    ``kind``: picture (nothing is painted), mask (over what is to be drawn anew) or colour; ``extends``: sides can be made larger;
    ``brush``: the colour of the brush, "#rrggbb"; one for colours begins with it. Masks are white whatever colour they are shown in.
    """

    name: str
    label: str
    kind: Literal["picture", "mask", "colour"]
    extends: bool = False
    brush: str = WHITE


@dataclass(frozen=True)
class CanvasFields:
    """The hidden fields, with refs of ``host.inputs``: the picture, what was painted ("" if nothing), and "left,right,up,down" in pixels.

    What was painted is a mask, white on black, or the picture with the colours on it.
    """

    picture: gr.Textbox
    painted: gr.Textbox
    extend: gr.Textbox


def field_key(name: str, field: str) -> str:
    """The form's key for a field of CanvasFields."""
    return f"canvas.{name}.{field}"


def add_fields(page: Page, canvas: Canvas) -> CanvasFields:
    """The hidden fields, as part of the open form; not within an inner tab, so that the script finds them whichever tab is open."""
    boxes: dict[str, gr.Textbox] = {}
    for field in FIELDS:
        box = gr.Textbox("", visible="hidden", label=f"{canvas.label}: {field}", elem_id=f"{canvas.name}_{field}")
        boxes[field] = page.form.add(field_key(canvas.name, field), box)
    changed = f"() => window.paintbox.canvases.changed({canvas.name!r})"
    gr.on([box.change for box in boxes.values()], None, None, None, js=changed, show_progress="hidden")
    return CanvasFields(**boxes)


def draw_canvas(page: Page, canvas: Canvas) -> None:
    """The canvas itself; its fields must have been added."""
    facts = {"name": canvas.name, "form": page.form.id, "kind": canvas.kind, "label": canvas.label, "brush": canvas.brush}
    facts["extends"] = "yes" if canvas.extends else ""
    data = " ".join(f'data-{key}="{escape(value)}"' for key, value in facts.items())
    gr.HTML(f'<div class="image-canvas" {data}></div>', elem_id=canvas.name, elem_classes=["image-canvas-block"], padding=False)

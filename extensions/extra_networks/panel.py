"""Draws one empty tab for each kind of network; the extension's script fills a tab when it is first shown."""

from __future__ import annotations

from html import escape

import gradio as gr

from app.api import Page
from extensions.extra_networks.kinds import shown_types


def draw_tabs(page: Page) -> None:
    """The tabs of the form that is being drawn; ids as in A1111."""
    form = page.form
    for kind in shown_types(page.host):
        name = f"{form.id}_{kind.id}"
        with gr.Tab(kind.title, id=kind.id, elem_id=name):
            data = f'data-form="{escape(form.id)}" data-type="{escape(kind.id)}" data-folder-kind="{escape(kind.folder_kind)}"'
            place = f'<div class="networks-pane" {data}><p role="status">Loading …</p></div>'
            gr.HTML(place, elem_id=f"{name}_pane", elem_classes=["networks-place"], padding=False)

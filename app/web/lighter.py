"""Takes out of a drawn page what gradio's page would work on without anybody seeing it."""

from __future__ import annotations

import gradio as gr
from gradio.blocks import Block, BlockContext
from gradio.layouts.form import Form


def make_lighter(demo: gr.Blocks) -> None:
    """Called once everything is drawn; every component and every event costs time when the page is opened."""
    tell_nobody(demo)
    for block in list(demo.blocks.values()):
        if isinstance(block, Form) and isinstance(block.parent, BlockContext) and _is_needless(block):
            _unwrap(demo, block, block.parent)


def tell_nobody(demo: gr.Blocks) -> None:
    """Events that show no progress tell no component of it.

    Gradio's page otherwise hands the state of a call to each of its outputs, and from then on with every call of the page
    once more, and looks for each of them through the whole tree: with some hundred outputs that is longer than the call.
    """
    for event in demo.fns.values():
        if event.show_progress == "hidden" and event.show_progress_on is None:
            event.show_progress_on = []


def _is_needless(form: Form) -> bool:
    """Gradio frames neighbouring controls together: one alone has a frame of its own, and unseen ones need none.

    One with a class of its own stays where its styles expect it.
    """
    if all(_is_unseen(child) for child in form.children):
        return True
    only = form.children[0]
    return len(form.children) == 1 and not only.elem_classes and getattr(only, "container", True)


def _is_unseen(block: Block) -> bool:
    return getattr(block, "visible", True) == "hidden"


def _unwrap(demo: gr.Blocks, form: Form, parent: BlockContext) -> None:
    """The children of a form stand where it stood."""
    place = parent.children.index(form)
    parent.children[place : place + 1] = form.children
    for child in form.children:
        child.parent = parent
    demo.blocks = {number: block for number, block in demo.blocks.items() if block is not form}

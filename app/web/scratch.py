"""Lets somebody else's code draw into the page, and wipes out what it drew when it fails halfway."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import gradio as gr
from gradio.blocks import Block, BlockContext
from gradio.context import get_render_context, set_render_context


def try_drawing(demo: gr.Blocks, draw: Callable[[], None], isolated: AbstractContextManager[None]) -> set[Block] | None:
    """Run ``draw`` inside the open block; returns None when it came to its end, else the components that were drawn and removed again.

    ``isolated`` must swallow what ``draw`` raises.
    """
    place = get_render_context()
    children = len(place.children) if isinstance(place, BlockContext) else 0
    blocks, events = set(demo.blocks), set(demo.fns)
    finished = False
    with isolated:
        draw()
        finished = True
    if finished:
        return None
    set_render_context(place)
    if isinstance(place, BlockContext):
        del place.children[children:]
    for event_id in set(demo.fns) - events:
        del demo.fns[event_id]
    return {demo.blocks.pop(block_id) for block_id in set(demo.blocks) - blocks}

"""What an open page and the server must agree on: which controls there are, and which call concerns which of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import gradio as gr

from app.version import HOST_VERSION

LENGTH = 12
"""Of the hexadecimal digits of a SHA-256 that are kept: enough to tell some builds apart."""


def page_signature(demo: gr.Blocks) -> str:
    """A short word that is the same for pages whose calls mean the same to each other, in this process and in others.

    Values, labels and choices do not count: a page that differs in them alone can still be used. Nor do gradio's numbers of the
    components, which go on counting from one build to the next: a call names only itself, and its values stand in order.
    """
    places = {number: place for place, number in enumerate(sorted(demo.blocks))}
    of_block = {block: place for place, (_, block) in enumerate(sorted(demo.blocks.items()))}
    controls = [(block.get_block_name(), block.elem_id) for _, block in sorted(demo.blocks.items())]
    calls = [_call(number, event, places, of_block) for number, event in demo.fns.items()]
    said = json.dumps([HOST_VERSION, gr.__version__, controls, calls])
    return sha256(said.encode()).hexdigest()[:LENGTH]


def _call(number: int, event: Any, places: Mapping[int, int], of_block: Mapping[Any, int]) -> list[Any]:
    targets = [(places.get(block, -1), name) for block, name in event.targets]
    sides = [[of_block.get(component, -1) for component in side] for side in (event.inputs, event.outputs)]
    return [number, targets, sides, event.fn is not None, event.queue]


def in_order(components: Any, demo: gr.Blocks) -> list[Any]:
    """Components, given as one or as several, in an order that is the same at every start of the program."""
    if isinstance(components, (set, frozenset)):
        return [block for block in demo.blocks.values() if block in components]
    return list(components) if isinstance(components, (list, tuple)) else [components]

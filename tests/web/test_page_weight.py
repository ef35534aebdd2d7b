"""The page asks no more of the browser than it needs: fewer components, and events that concern only those that they change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr

from app.web.lighter import make_lighter


def places(node: dict[str, Any]) -> Iterator[tuple[int, list[int]]]:
    """Every node of a layout with its children."""
    children = node.get("children") or []
    yield node["id"], [child["id"] for child in children]
    for child in children:
        yield from places(child)


def drawn() -> tuple[gr.Blocks, dict[str, Any]]:
    """A page with controls alone, together and unseen; returns it and its controls."""
    made: dict[str, Any] = {}
    with gr.Blocks() as demo:
        with gr.Row() as made["row"]:
            made["alone"] = gr.Slider(0, 1, label="Alone")
        with gr.Column() as made["column"]:
            made["first"], made["second"] = gr.Textbox(label="First"), gr.Textbox(label="Second")
        with gr.Column() as made["store"]:
            made["a"], made["b"] = gr.Textbox(visible="hidden"), gr.Textbox(visible="hidden")
        with gr.Column() as made["styled"]:
            made["prompt"] = gr.Textbox(label="Prompt", elem_classes=["prompt"])
        made["first"].change(lambda text: text, made["first"], made["second"], show_progress="hidden")
        made["second"].change(lambda text: text, made["second"], made["first"])
    return demo, made


def test_controls_alone_and_unseen_ones_have_no_frame_and_those_together_keep_it() -> None:
    demo, made = drawn()
    make_lighter(demo)
    config = demo.get_config_file()
    under = dict(places(config["layout"]))
    kinds = {each["id"]: each["type"] for each in config["components"]}
    assert under[made["row"]._id] == [made["alone"]._id]
    assert under[made["store"]._id] == [made["a"]._id, made["b"]._id]
    assert [kinds[child] for name in ("column", "styled") for child in under[made[name]._id]] == ["form", "form"]
    assert sorted(kinds.values()).count("form") == 2


def test_events_without_a_progress_display_tell_no_component_of_it() -> None:
    demo, made = drawn()
    make_lighter(demo)
    quiet, told = demo.get_config_file()["dependencies"]
    assert quiet["show_progress_on"] == [] and quiet["outputs"] == [made["second"]._id]
    assert told["show_progress_on"] is None

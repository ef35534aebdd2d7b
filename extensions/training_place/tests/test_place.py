"""The Train tab is empty and says so, until something that trains puts a page there."""

from __future__ import annotations

from typing import Any

import gradio as gr

from app.api import Page, PageSlot, Panel, hookimpl
from app.testing.web import running_client


class Trainer:
    """An extension with a page for the tab."""

    @hookimpl
    def register_panels(self) -> list[Panel]:
        def build(page: Page) -> None:
            with gr.Tab("Wax", id="wax", elem_id="train_wax"):
                gr.Textbox(label="Learning rate", elem_id="train_wax_rate")

        return [Panel(id="wax", slot=PageSlot.TRAINING, order=0, build=build)]


def ids(host: Any) -> set[str]:
    with running_client(host) as client:
        return {str(each["props"].get("elem_id")) for each in client.get("/config").json()["components"]}


def test_the_tab_says_that_there_is_nothing(make_host: Any) -> None:
    assert {"tab_train", "train_nothing"} <= ids(make_host("training_place"))


def test_a_trainer_has_its_page_there(make_host: Any) -> None:
    host = make_host("training_place")
    host.hooks.register("trainer", Trainer())
    found = ids(host)
    assert {"tab_train", "train_wax_rate"} <= found and "train_nothing" not in found

"""Two starts of the program draw the same page: one that is open from an earlier start can go on with a later one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import gradio as gr

from app.paths import CHECKOUT
from app.web.page_signature import in_order, page_signature

DRAW = """
import json, sys
from app.testing.executors import ExecutorPlugin
from app.testing.hosts import temporary_host
from app.web.page import build_page
from app.web.page_signature import page_signature
from pathlib import Path
from tests.web.staged import StagedExecutor

host = temporary_host(Path(sys.argv[1]), None, options={"settings": {"executor": "staged"}})
host.hooks.register("staged", ExecutorPlugin(StagedExecutor(Path(sys.argv[1]))))
with host.running():
    demo = build_page(host)
config = demo.get_config_file()
drawn = [(each["id"], each["type"], each["props"].get("elem_id")) for each in config["components"]]
calls = [(each["targets"], each["inputs"], each["outputs"]) for each in config["dependencies"]]
print(json.dumps([page_signature(demo), drawn, calls]))
"""


def drawn_by_a_new_process(folder: Path, seed: int) -> Any:
    """What the whole page of all extensions consists of; ``seed`` decides about the order of Python's sets."""
    folder.mkdir()
    environment = {**os.environ, "PYTHONHASHSEED": str(seed), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", DRAW, str(folder)]
    ended = subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=True)
    return json.loads(ended.stdout.splitlines()[-1])


def test_two_starts_draw_the_same_controls_and_calls_in_the_same_order(tmp_path: Path) -> None:
    first, second = (drawn_by_a_new_process(tmp_path / str(seed), seed) for seed in (1, 2))
    assert first[1] == second[1], "other controls"
    assert first[2] == second[2], "other calls"
    assert first[0] == second[0]


def drawn(label: str, *, swapped: bool = False, more: bool = False) -> gr.Blocks:
    """A small page."""
    with gr.Blocks() as demo:
        first, second = gr.Textbox(label=label, elem_id="first"), gr.Textbox(elem_id="second")
        first.change(lambda text: (text, text), first, [second, first] if swapped else [first, second])
        if more:
            gr.Button("More")
    return demo


def test_a_page_differs_where_a_call_or_a_control_does_and_not_by_its_words() -> None:
    plain = page_signature(drawn("a"))
    assert plain == page_signature(drawn("b"))
    assert len({plain, page_signature(drawn("a", swapped=True)), page_signature(drawn("a", more=True))}) == 3


def test_a_set_of_components_is_put_in_the_order_in_which_they_were_drawn() -> None:
    with gr.Blocks() as demo:
        made = [gr.Textbox() for _ in range(50)]
    assert [in_order(each, demo) for each in (set(made), made[0], tuple(made))] == [made, made[:1], made]

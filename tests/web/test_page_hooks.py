"""What extensions may do to a page that is drawn: adjust its controls, and have scripts loaded before all others."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from tests.web.conftest import SiteMaker

ADJUSTING = """
from app.api import hookimpl

@hookimpl
def adjust_controls(controls, host):
    known = {(control.tab, control.label): control for control in controls}
    steps = known["txt2img", "Sampling steps"]
    assert (steps.kind, steps.form, steps.key, steps.drawn_by) == ("slider", "txt2img", "steps", "txt2img")
    assert known["txt2img", "Generate"].kind == "button" and ("settings", "Reload UI") not in known
    steps.component.value, steps.component.maximum = 44, 60
    return ["The width is as it was."]

@hookimpl
def register_page_scripts(host):
    return ["paintbox/v1/mine.js?v=1"]
"""


def test_controls_are_adjusted_and_scripts_come_first(make_site: SiteMaker, write_extension: Callable[..., Path]) -> None:
    write_extension("adjusting", ADJUSTING)
    site = make_site("txt2img", "adjusting")
    config = site.client.get("/config").json()
    steps = next(each["props"] for each in config["components"] if each["props"].get("elem_id") == "txt2img_steps")
    assert (steps["value"], steps["maximum"]) == (44, 60)
    problems = next(each["props"] for each in config["components"] if each["props"].get("elem_id") == "page_problems")
    assert problems["visible"] and "The width is as it was." in problems["value"]
    named = re.search(r'data-scripts="([^"]*)"', config["head"])
    assert named is not None and named.group(1).split()[0] == "paintbox/v1/mine.js?v=1"

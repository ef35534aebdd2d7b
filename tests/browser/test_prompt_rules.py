"""What the keys make of a prompt: the scripts run in Chromium, without a server."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from app.paths import CHECKOUT

pytestmark = pytest.mark.browser
STATIC = CHECKOUT / "extensions" / "prompt_editing" / "static"
OPTIONS = {"attention": 0.1, "extra": 0.05, "delimiters": ".,\\/!?%^*;:{}=`~() \t\r\n"}

WEIGHED = [
    ("a |cat sits", 1, "a (cat:1.1) sits"),
    ("a ca|t sits", -1, "a (cat:0.9) sits"),
    ("a [[cat sits]], b", 1, "a (cat sits:1.1), b"),
    ("a (c|at:1.1), b", 1, "a (cat:1.2), b"),
    ("a (c|at:1.1), b", -1, "a cat, b"),
    ("a (cat:0.9|), b", 1, "a cat, b"),
    ("((c|at))", 1, "(cat:1.31)"),
    ("(c|at)", -1, "cat"),
    ("a [c|at] b", 1, "a (cat:1.01) b"),
    ("[cat:d|og:0.5]", 1, "[cat:(dog:1.1):0.5]"),
    ("<lora:on|e:0.8>", 1, "<lora:one:0.85>"),
    ("<lora:one:1|>", -1, "<lora:one:0.95>"),
    ("<lora:o|ne>", 1, "<lora:one:1.05>"),
    ("<lora:o|ne:-0.05>", 1, "<lora:one:0.0>"),
    (r"\(ca|t\) b", 1, r"\((cat:1.1)\) b"),
    ("(a, (b|:1.2):1.5)", 1, "(a, (b:1.3):1.5)"),
    ("[[a cat ]]sits", 1, "(a cat:1.1) sits"),
    ("|", 1, None),
    ("a , | b", 1, None),
]
MOVED = [
    ("one, tw|o, three", -1, "tw|o, one, three"),
    ("one, tw|o, three", 1, "one, three, tw|o"),
    ("one, (a, b|:1.2), three", 1, "one, three, (a, b|:1.2)"),
    ("o|ne,two", 1, "two,o|ne"),
    ("one, [[two, th]]ree, four", -1, "[[two, th]]ree, one, four"),
    ("o|ne, two", -1, None),
    ("one, two|", 1, None),
    ("", 1, None),
]


def cut(marked: str) -> tuple[str, int, int]:
    """``|`` is the cursor, ``[[ ]]`` a selection."""
    if "[[" in marked and "|" not in marked:
        start, end = marked.index("[["), marked.index("]]") - 2
        return marked.replace("[[", "").replace("]]", ""), start, end
    place = max(marked.find("|"), 0)
    return marked.replace("|", "", 1), place, place


def test_weights_and_places(chromium: Browser) -> None:
    page = chromium.new_page()
    page.evaluate("window.paintbox = {}")
    for name in ("prompt_attention.js", "prompt_moving.js"):
        page.add_script_tag(path=STATIC / name)
    for marked, sign, wanted in WEIGHED:
        given = [*cut(marked), sign, OPTIONS]
        found = page.evaluate("(given) => window.paintbox.promptEditing.weigh(...given)", given)
        assert (found and found["text"]) == wanted, marked
    for marked, by, wanted in MOVED:
        found = page.evaluate("(given) => window.paintbox.promptEditing.move(...given)", [*cut(marked), by])
        assert (found and (found["text"], found["start"], found["end"])) == (wanted and cut(wanted)), marked
    page.close()

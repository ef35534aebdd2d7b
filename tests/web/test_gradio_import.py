"""Gradio is imported without the work that only editors need, and everything else is as before."""

from __future__ import annotations

import inspect
import subprocess
import sys

from app.paths import CHECKOUT
from app.web.gradio_import import without_stub_files

COUNTING = """
import ast, contextlib, inspect, sys
from app.web.gradio_import import without_stub_files
parsed, parse = [], ast.parse
def counting(*given, **named):
    parsed.append(sys._getframe(1).f_globals["__name__"])
    return parse(*given, **named)
ast.parse = counting
with without_stub_files() if {quick} else contextlib.nullcontext():
    import gradio
print(parsed.count("gradio.component_meta"), len(gradio.Button.EVENTS))
"""


def counted(quick):
    code = COUNTING.format(quick=quick)
    printed = subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, check=True, capture_output=True, text=True).stdout
    return [int(number) for number in printed.split()]


def test_no_component_is_parsed_and_all_have_their_events():
    (slow, events), (quick, same_events) = counted(False), counted(True)
    assert slow > 50
    assert quick == 0
    assert events == same_events > 0


def test_files_are_found_again_afterwards():
    before = inspect.getfile
    with without_stub_files():
        assert inspect.getfile(CHECKOUT.__class__)
    assert inspect.getfile is before

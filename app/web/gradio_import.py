"""Imports gradio in half the time: without the rewriting of its stub files that it does at every import.

For each of its components gradio parses the component's source and rewrites the ``.pyi`` file beside it, for editors. It leaves that
out for classes whose source file cannot be found; inside the context no class of gradio's has one.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


def import_gradio() -> None:
    """Have gradio imported; its modules are then found by every ``import``."""
    with without_stub_files():
        importlib.import_module("gradio")


@contextmanager
def without_stub_files() -> Iterator[None]:
    """Import gradio inside this context."""
    find = inspect.getfile

    def getfile(wanted: Any) -> str:
        if isinstance(wanted, type) and wanted.__module__.startswith("gradio."):
            raise OSError("not looked for")
        return find(wanted)

    inspect.getfile = getfile  # type: ignore[assignment]
    try:
        yield
    finally:
        inspect.getfile = find

"""Finds the sentences for users in Python code: those of errors, notes, warnings and job reports."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from app.web.texts.scripts import HOLE

TELLING = frozenset(
    {"UserError", "NotFoundError", "ModelFileError", "Warning", "Info", "Error", "failure_note", "comment", "Button", "HTML"}
)
"""Functions whose texts are shown."""


def python_texts(source: str) -> list[str]:
    """The texts for users that a module holds, with holes for the values in them."""
    return [text for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call) and _name(node) in TELLING for text in _texts(node)]


def _name(call: ast.Call) -> str:
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""


def _texts(call: ast.Call) -> Iterator[str]:
    given = [*call.args[:1], *(keyword.value for keyword in call.keywords if keyword.arg == "hint")]
    for value in given:
        text = _text(value)
        if text is not None and " " in text.strip() and "<" not in text:
            yield text


def _text(node: ast.expr) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else HOLE for part in node.values)
    return None

"""Finds the sentences for users in Python code: those of errors, notes, warnings and job reports."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from app.web.texts.markup import markup_texts
from app.web.texts.scripts import HOLE

TELLING = frozenset("UserError NotFoundError ModelFileError Warning Info Error failure_note comment Button HTML tell report _named".split())
"""Functions whose texts are shown, also those that are no whole sentences."""
LABELLED, LABELS = "Cell", frozenset({"label", "text"})
"""Names the part of a job that runs."""
FOR_OTHERS = frozenset({"logger", "log", "warnings", "connection", "database", "re"})
"""Whose functions take texts that no user of the page reads."""
NOT_SHOWN = frozenset({"description", "summary", "help"})
"""Names of arguments: what the page shows of these is found in the declarations."""
SENTENCE = re.compile(r"""(?:[A-Z"“'({]|--|\d|[a-z_]+ cannot ).*[.!?…]""")
REASON = re.compile(r"(?:it|its|not a) [a-z].*[a-z}) ]")
"""Why something is so: put into sentences as a value."""
LABEL = re.compile(r"[A-Z][a-z]+(?: [a-z{}]+)*(?:[/,: ]*\{\}[a-z, ]*)*")
WORD = re.compile(r"[A-Za-z][a-z']+")
CODE = re.compile(r"[<>\n\\|]|=\?|\{\}\w|\w\(|^SELECT |^FROM |^UPDATE |^DELETE |^INSERT ")
MARKUP = re.compile(r"</[a-z]+\d?>")
LEAST_WORDS = 2


def python_texts(source: str) -> list[str]:
    """The texts for users that a module holds, with holes for the values in them."""
    finder = _Finder()
    finder.visit(ast.parse(source))
    return finder.found


class _Finder(ast.NodeVisitor):
    """Goes through a module; ``_silent`` are the nodes that nobody of the page reads, by identity."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self._silent: set[int] = set()

    def visit(self, node: ast.AST) -> None:
        """Look at a node and at what is in it."""
        if id(node) in self._silent:
            return
        self._silence(node)
        text = _text(node)
        if text is None:
            self.generic_visit(node)
            return
        if MARKUP.search(text):
            self.found += [each for each in markup_texts(text) if WORD.search(each.replace(HOLE, "")) and each not in self.found]
        elif is_sentence(text) or REASON.fullmatch(text):
            self._keep(text)
        for part in node.values if isinstance(node, ast.JoinedStr) else ():
            if isinstance(part, ast.FormattedValue):
                self.visit(part.value)

    def _silence(self, node: ast.AST) -> None:
        """Docstrings, and what is said to others; what telling functions say is kept whole."""
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            self._silent.add(id(node.value))
        for value in _labels(node):
            for text in map(_text, ast.walk(value)):
                if text is not None and LABEL.fullmatch(text):
                    self._keep(text)
        if isinstance(node, ast.Assert) and node.msg is not None:
            self._silent.add(id(node.msg))
        if not isinstance(node, ast.Call):
            return
        if _owner(node) in FOR_OTHERS:
            self._silent |= {id(part) for part in ast.walk(node) if part is not node}
        self._silent |= {id(keyword.value) for keyword in node.keywords if keyword.arg in NOT_SHOWN}
        if _name(node) in TELLING:
            for text in _texts(node):
                self._keep(text)

    def _keep(self, text: str) -> None:
        if text not in self.found:
            self.found.append(text)


def is_sentence(text: str) -> bool:
    """Whether it reads like something that is told to people."""
    words = text.strip()
    return bool(SENTENCE.fullmatch(words)) and not CODE.search(words) and len(WORD.findall(words.replace(HOLE, ""))) >= LEAST_WORDS


def _name(call: ast.Call) -> str:
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""


def _owner(call: ast.Call) -> str:
    function = call.func
    return function.value.id if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) else ""


def _texts(call: ast.Call) -> Iterator[str]:
    given = [*call.args[:2], *(keyword.value for keyword in call.keywords if keyword.arg == "hint")]
    for value in given:
        text = _text(value)
        if text is not None and (" " in text.strip() or LABEL.fullmatch(text)) and "<" not in text:
            yield text


def _labels(node: ast.AST) -> Iterator[ast.expr]:
    if isinstance(node, ast.Assign) and any(isinstance(target, ast.Name) and target.id in LABELS for target in node.targets):
        yield node.value
    if isinstance(node, ast.Call) and _name(node) == LABELLED:
        yield from (keyword.value for keyword in node.keywords if keyword.arg in LABELS)


def _text(node: ast.AST) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else HOLE for part in node.values)
    return None

"""Reads files of wildcards: one text a line, or lists in a tree of YAML or JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import yaml

TEXT, TREES = (".txt",), (".yaml", ".yml", ".json")
MOST_BYTES = 32 << 20
MOST_TREE_BYTES = 4 << 20
MOST_VALUES = 500_000
DEEPEST = 20
_COMMENT = re.compile(r"(?:^|(?<=\s))#")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The safe one; it is in C where that was built."""
Trees = dict[str, tuple[str, ...]]


class WildcardFileError(Exception):
    """A file cannot be read; the text says why."""


def read_lines(file: Path) -> tuple[str, ...]:
    """The texts of a text file."""
    lines = (_COMMENT.split(line, maxsplit=1)[0].strip() for line in _text(file, MOST_BYTES).splitlines())
    return tuple(line for line in lines if line)


def read_tree(file: Path) -> Trees:
    """The lists of a YAML or JSON file by the keys that lead to them, joined by "/"."""
    text = _text(file, MOST_TREE_BYTES)
    try:
        tree = json.loads(text) if file.suffix.lower() == ".json" else yaml.load(text, _LOADER)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        where = str(error).strip().splitlines()
        raise WildcardFileError(f"it is no {file.suffix[1:].upper()}: {where[0] if where else type(error).__name__}") from error
    if not isinstance(tree, dict):
        raise WildcardFileError("its top level must be keys with lists below them")
    found: dict[str, list[str]] = {}
    for number, (name, value) in enumerate(_leaves(tree, (), DEEPEST)):
        if number >= MOST_VALUES:
            raise WildcardFileError(f"it holds more than {MOST_VALUES} texts")
        found.setdefault(name, []).append(value)
    return {name: tuple(values) for name, values in found.items()}


def _leaves(node: object, keys: tuple[str, ...], depth: int) -> Iterator[tuple[str, str]]:
    """(name, text) of every text; aliases of YAML are walked again wherever they stand, so the caller counts."""
    if depth == 0:
        raise WildcardFileError(f"it is nested deeper than {DEEPEST} levels")
    if isinstance(node, dict):
        for key, below in node.items():
            yield from _leaves(below, (*keys, str(key).strip()), depth - 1)
    elif isinstance(node, list):
        for below in node:
            yield from _leaves(below, keys, depth - 1)
    elif node is not None and str(node).strip():
        yield "/".join(keys), str(node).strip()


def _text(file: Path, most_bytes: int) -> str:
    try:
        if file.stat().st_size > most_bytes:
            raise WildcardFileError(f"it has more than {most_bytes >> 20} MB")
        return file.read_bytes().decode("utf-8-sig", "replace")
    except OSError as error:
        raise WildcardFileError(error.strerror or type(error).__name__) from error

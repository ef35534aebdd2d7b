"""A tree as model files are usually described: tensors by dotted names, and everything else as texts."""

from __future__ import annotations

import json
from collections.abc import Mapping

from app.weights.pickles import limits
from app.weights.pickles.refusal import Damaged
from app.weights.pickles.tree import tensors_of
from app.weights.pickles.values import Flat, Plain, TensorEntry

WEIGHTS = "state_dict"
"""The branch in which training programs put the model; their own state lies beside it."""
MAX_TEXTS = 1000
MAX_TEXT_LENGTH = 4000
MAX_LIST_LENGTH = 100
"""Longer lists of numbers and texts are not described one by one."""


def flatten(tree: Plain) -> Flat:
    """Describe a tree; a tensor that is the whole tree has the name "". Raises Damaged when two tensors get the same name."""
    walk = _Walk()
    left_out: list[str] = []
    weights = tree.get(WEIGHTS) if isinstance(tree, dict) else None
    if isinstance(tree, dict) and isinstance(weights, dict) and next(tensors_of(weights), None) is not None:
        walk.add(weights, "")
        walk.takes_tensors = False
        for key, value in tree.items():
            if key != WEIGHTS and not _is_long(key):
                walk.add(value, _part(key))
                if next(tensors_of(value), None) is not None:
                    left_out.append(_part(key))
    else:
        walk.add(tree, "")
    return Flat(walk.tensors, walk.metadata, tuple(left_out))


class _Walk:
    def __init__(self) -> None:
        self.tensors: dict[str, TensorEntry] = {}
        self.metadata: dict[str, str] = {}
        self.takes_tensors = True
        self._letters = 0

    def add(self, value: Plain, name: str) -> None:
        """Describe a value and what it contains."""
        if isinstance(value, dict):
            self._add_items(value, name)
        elif isinstance(value, list | tuple):
            if len(value) <= MAX_LIST_LENGTH or any(isinstance(item, TensorEntry | dict | list | tuple) for item in value):
                for index, item in enumerate(value):
                    self.add(item, f"{name}.{index}" if name else str(index))
        elif isinstance(value, TensorEntry):
            self._add_tensor(value, name)
        elif len(self.metadata) < MAX_TEXTS:
            text = value if isinstance(value, str) else _as_json(value)
            if text is not None and len(text) <= MAX_TEXT_LENGTH and len(name) <= limits.MAX_KEY_LENGTH:
                self.metadata.setdefault(name, _clean(text))

    def _add_items(self, value: Mapping[object, Plain], name: str) -> None:
        for key, item in value.items():
            if not _is_long(key):
                self.add(item, f"{name}.{_part(key)}" if name else _part(key))
            elif self.takes_tensors and next(tensors_of(item), None) is not None:
                raise Damaged("has names that are too long")

    def _add_tensor(self, tensor: TensorEntry, name: str) -> None:
        if not self.takes_tensors:
            return
        self._letters += len(name)
        if len(name) > limits.MAX_KEY_LENGTH or self._letters > limits.MAX_NAMES_LENGTH:
            raise Damaged("has names that are too long")
        if name in self.tensors:
            raise Damaged(f"has two tensors of the name {name[:80]!r}")
        self.tensors[name] = tensor


def _is_long(key: object) -> bool:
    if isinstance(key, tuple):
        return any(map(_is_long, key))
    return isinstance(key, str | bytes) and len(key) > limits.MAX_KEY_LENGTH


def _part(key: object) -> str:
    """A key as a part of a name."""
    if isinstance(key, bytes):
        key = key.decode("latin-1")
    return _clean(key if isinstance(key, str) else str(key))


def _clean(text: str) -> str:
    """Without lone surrogates, which are no text for anybody else."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _as_json(value: Plain) -> str | None:
    if isinstance(value, set | frozenset):
        value = sorted(map(str, value)) if len(value) <= MAX_LIST_LENGTH else None
        return None if value is None else json.dumps(value)
    return json.dumps(value) if value is None or isinstance(value, bool | int | float) else None

"""Turns what a pickle made into a tree of plain values that can be walked safely: no circles, no endless depth, no surprises."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from app.weights.pickles import limits
from app.weights.pickles.names import Known
from app.weights.pickles.objects import Dropped, NumberArray, NumberFormat, ParameterContainer
from app.weights.pickles.refusal import Damaged
from app.weights.pickles.values import InlineStorage, Plain, StorageEntry, TensorEntry, row_major

_LEAVES = (str, bytes, bytearray, int, float, complex, TensorEntry)


def plain_tree(value: object) -> Plain:
    """The value with objects of the reader replaced; raises Damaged for circles and for trees that are too deep or too large."""
    return _Planter().plant(value, 0)[0]


def tensors_of(tree: Plain) -> Iterator[TensorEntry]:
    """Every tensor, each once."""
    seen: set[int] = set()
    waiting = [tree]
    while waiting:
        value = waiting.pop()
        if isinstance(value, TensorEntry):
            if id(value) not in seen:
                seen.add(id(value))
                yield value
        elif isinstance(value, dict | list | tuple) and id(value) not in seen:
            seen.add(id(value))
            waiting.extend(value.values() if isinstance(value, dict) else value)


class _Planter:
    """Makes each value once, however often it is referred to, and counts it as often."""

    def __init__(self) -> None:
        self._done: dict[int, tuple[Plain, int]] = {}
        self._open: set[int] = set()

    def plant(self, value: object, depth: int) -> tuple[Plain, int]:
        """(value, how many values it consists of)."""
        if value is None or isinstance(value, _LEAVES):
            return value, 1
        known = self._done.get(id(value))
        if known is not None:
            return known
        if id(value) in self._open:
            raise Damaged("has a value that contains itself")
        if depth >= limits.MAX_DEPTH:
            raise Damaged(f"is nested more than {limits.MAX_DEPTH} levels deep")
        self._open.add(id(value))
        made = self._make(value, depth + 1)
        self._open.discard(id(value))
        if made[1] > limits.MAX_VALUES:
            raise Damaged(f"has more than {limits.MAX_VALUES:,} values")
        self._done[id(value)] = made
        return made

    def _make(self, value: object, depth: int) -> tuple[Plain, int]:
        if isinstance(value, dict):
            return self._dictionary(value, depth)
        if isinstance(value, ParameterContainer):
            made, count = self._dictionary(value.parameters, depth)
            return (list(made.values()) if value.is_list else made), count
        if isinstance(value, list | tuple):
            items = [self.plant(item, depth) for item in value]
            plain = [item for item, _ in items]
            return (plain if isinstance(value, list) else tuple(plain)), 1 + sum(count for _, count in items)
        if isinstance(value, set | frozenset):
            return type(value)(map(_key, value)), 1 + len(value)
        other = _OTHERS.get(type(value))
        if other is None:
            raise Damaged(f"has a value of the kind {type(value).__name__}")
        return other(value), 1

    def _dictionary(self, value: Mapping[object, object], depth: int) -> tuple[dict[object, Plain], int]:
        made: dict[object, Plain] = {}
        count = 1
        for key, item in value.items():
            made[_key(key)], more = self.plant(item, depth)
            count += more
        return made, count


def _key(key: object) -> object:
    return key.name if isinstance(key, Known) else key


def _array(value: object) -> TensorEntry:
    if not isinstance(value, NumberArray) or value.format is None:
        raise Damaged("has an array without its parts")
    stride = row_major(value.shape)
    if value.is_column_major:
        stride = tuple(reversed(row_major(tuple(reversed(value.shape)))))
    return TensorEntry(value.format.dtype, value.shape, stride, 0, InlineStorage(value.data, value.format.is_big_endian))


def _name(value: object) -> Plain:
    """A number format stays as its name; classes are left out."""
    return value.name if isinstance(value, Known) and value.role == "dtype" else None


def _nothing(value: object) -> Plain:
    return None


_OTHERS: Mapping[type, Callable[[object], Plain]] = {
    Known: _name,
    NumberArray: _array,
    NumberFormat: _nothing,
    Dropped: _nothing,
    StorageEntry: _nothing,
}

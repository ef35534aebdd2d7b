"""Questions about the tensor names and shapes of one part of a checkpoint, its prefix removed."""

from __future__ import annotations

from collections.abc import Mapping

from app.api import ModelFileError

Shapes = Mapping[str, tuple[int, ...]]


def strip_prefix(shapes: Shapes, prefix: str) -> dict[str, tuple[int, ...]]:
    """The tensors below a prefix, without it."""
    return {name.removeprefix(prefix): shape for name, shape in shapes.items() if name.startswith(prefix)}


def size(shapes: Shapes, name: str, axis: int) -> int:
    """One axis of a tensor that must be there; raises ModelFileError that names it."""
    shape = shapes.get(name)
    if shape is None or len(shape) <= axis:
        raise ModelFileError(f"the tensor {name!r} is missing")
    return shape[axis]


def numbers(shapes: Shapes, prefix: str) -> list[int]:
    """The numbers that follow a prefix, rising: ``numbers(shapes, "input_blocks.")`` -> [0, 1, ...]."""
    found = {name[len(prefix) :].partition(".")[0] for name in shapes if name.startswith(prefix)}
    return sorted(int(number) for number in found if number.isdecimal())


def has(shapes: Shapes, prefix: str) -> bool:
    """True when a tensor name begins with the prefix."""
    return any(name.startswith(prefix) for name in shapes)

"""Questions about the tensor names and shapes of a file, shared by the rules."""

from __future__ import annotations

from collections.abc import Mapping

from app.api import TensorInfo

Tensors = Mapping[str, TensorInfo]
FAMILY_OF_CONTEXT_WIDTH = {768: "sd1", 1024: "sd2", 2048: "sdxl", 1280: "sdxl-refiner"}


def any_starts(tensors: Tensors, *prefixes: str) -> bool:
    """True when a tensor name begins with one of the prefixes."""
    return any(name.startswith(prefixes) for name in tensors)


def any_contains(tensors: Tensors, text: str) -> bool:
    """True when a tensor name contains the text."""
    return any(text in name for name in tensors)


def axis(tensors: Tensors, name: str, index: int) -> int | None:
    """Size of one axis of a tensor; None when there is no such tensor or axis."""
    info = tensors.get(name)
    return info.shape[index] if info is not None and len(info.shape) > index else None


def input_width(tensors: Tensors, *suffixes: str) -> int | None:
    """Axis 1 of the first matrix whose name ends in one of the suffixes."""
    for name, info in tensors.items():
        if name.endswith(suffixes) and len(info.shape) >= 2:
            return info.shape[1]
    return None


def context_family(tensors: Tensors, *suffixes: str) -> str:
    """The family that takes a text context of that input width; "" when unknown."""
    return FAMILY_OF_CONTEXT_WIDTH.get(input_width(tensors, *suffixes) or 0, "")


def count_items(tensors: Tensors, prefix: str) -> int:
    """How many different name parts follow the prefix (``blocks.`` -> number of blocks)."""
    return len({name[len(prefix) :].partition(".")[0] for name in tensors if name.startswith(prefix)})

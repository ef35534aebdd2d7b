"""Which tensors of a file are an embedding: the layouts of A1111, diffusers, kohya, SDXL and pivotal tuning; no torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.api import TensorInfo, UserError

A1111 = "string_to_param"
PAIRS = (("clip_l", "clip_g"), ("text_encoders_0", "text_encoders_1"))
"""Names of the vectors for SDXL's two text encoders, in their order."""
FLOATS = ("F16", "BF16", "F32", "F64")
FAMILIES: Mapping[tuple[int, ...], str] = {(768,): "sd1", (1024,): "sd2", (768, 1280): "sdxl", (1280,): "sdxl-refiner"}
SHOWN = 4


@dataclass(frozen=True)
class Layout:
    """``names`` of the tensors, one for each text encoder in order, ``vectors`` rows each, of these ``widths``."""

    names: tuple[str, ...]
    vectors: int
    widths: tuple[int, ...]

    @property
    def family(self) -> str:
        """The family whose text encoders read such vectors; "" where none is known."""
        return FAMILIES.get(self.widths, "")


def read_layout(tensors: Mapping[str, TensorInfo]) -> Layout:
    """The embedding among the tensors of a file; raises UserError that says why there is none."""
    names = _names(tensors)
    shapes = [_shape(name, tensors[name]) for name in names]
    if len({count for count, _ in shapes}) > 1:
        counts = " and ".join(str(count) for count, _ in shapes)
        raise UserError(f"it has {counts} vectors for the two text encoders, which must be equally many")
    return Layout(names, shapes[0][0], tuple(width for _, width in shapes))


def _names(tensors: Mapping[str, TensorInfo]) -> tuple[str, ...]:
    terms = tuple(name for name in tensors if name.startswith(f"{A1111}."))
    if A1111 in tensors:
        raise UserError(f"its {A1111} is no table of terms")
    if not terms:
        for pair in PAIRS:
            if set(pair) <= set(tensors):
                return pair
        terms = tuple(tensors)
    if not any(terms):
        raise UserError("it has no named vectors")
    if len(terms) > 1:
        more = ", ..." if len(terms) > SHOWN else ""
        raise UserError(f"it has several terms ({', '.join(terms[:SHOWN])}{more}), and an embedding has one")
    return terms


def _shape(name: str, info: TensorInfo) -> tuple[int, int]:
    """How many vectors, and how wide; a single vector may lack the first axis."""
    shape = (1, *info.shape) if len(info.shape) == 1 else info.shape
    if len(shape) != 2 or 0 in shape or info.dtype not in FLOATS:
        raise UserError(f"{name} ({info.dtype}, shape {list(info.shape)}) is no list of vectors")
    return shape[0], shape[1]

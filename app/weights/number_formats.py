"""The number formats of tensors: safetensors' spelling and torch's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

TORCH_NAMES: Mapping[str, str] = {
    "BOOL": "bool",
    "U8": "uint8",
    "I8": "int8",
    "F8_E4M3": "float8_e4m3fn",
    "F8_E5M2": "float8_e5m2",
    "F8_E4M3FNUZ": "float8_e4m3fnuz",
    "F8_E5M2FNUZ": "float8_e5m2fnuz",
    "F8_E8M0": "float8_e8m0fnu",
    "I16": "int16",
    "U16": "uint16",
    "F16": "float16",
    "BF16": "bfloat16",
    "I32": "int32",
    "U32": "uint32",
    "F32": "float32",
    "C32": "complex32",
    "I64": "int64",
    "U64": "uint64",
    "F64": "float64",
    "C64": "complex64",
    "C128": "complex128",
}
FLOAT_FORMATS = frozenset({"F64", "F32", "F16", "BF16", "F8_E4M3", "F8_E5M2", "F8_E4M3FNUZ", "F8_E5M2FNUZ"})
"""Those of weights; whole numbers (position ids, step counts) are never changed into them."""

FORMATS_BY_WORD: Mapping[str, str] = {"float16": "F16", "bfloat16": "BF16", "float32": "F32"}
"""Those that people choose among when a file is written, by torch's names."""
SCALE = ".scale_weight"
"""Ending of the scales of 8-bit weights."""


def scaled_tensor(names: Iterable[str]) -> str:
    """The name of a scale of 8-bit weights, with which a file's numbers mean others than they say; "" where there is none."""
    return next((name for name in names if name.endswith(SCALE)), "")


def in_format(tensor: torch.Tensor, dtype: torch.dtype) -> tuple[torch.Tensor, bool]:
    """The tensor in another number format, and whether finite numbers became infinite by it."""
    changed = tensor.to(dtype)
    if changed.dtype is tensor.dtype or not changed.is_floating_point():
        return changed, False
    return changed, bool(changed.isinf().any()) and not bool(tensor.isinf().any())


def torch_dtype(name: str) -> torch.dtype:
    """Torch's number format by safetensors' name ("F16"); KeyError for one that torch does not have."""
    import torch

    dtype: torch.dtype = getattr(torch, TORCH_NAMES[name])
    return dtype

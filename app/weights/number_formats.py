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

SAVED_FORMATS: Mapping[str, str] = {"float32": "F32", "float16": "F16", "bfloat16": "BF16"}
"""Those that models are saved in, by the names that users choose by."""
_SCALES = ".scale_weight"


def tensor_of_scales(names: Iterable[str]) -> str:
    """The first tensor that scales 8-bit weights, which are no numbers to compute with without it; "" where there is none."""
    return next((name for name in names if name.endswith(_SCALES)), "")


def narrowed(tensor: torch.Tensor, dtype: torch.dtype) -> tuple[torch.Tensor, bool]:
    """The numbers in another format, and whether some have become infinite by it."""
    import torch

    result = tensor.to(dtype)
    can_hold_all = not tensor.dtype.is_floating_point or torch.finfo(dtype).max >= torch.finfo(tensor.dtype).max
    return result, not can_hold_all and bool(result.isinf().any()) and not bool(tensor.isinf().any())


def torch_dtype(name: str) -> torch.dtype:
    """Torch's number format by safetensors' name ("F16"); KeyError for one that torch does not have."""
    import torch

    dtype: torch.dtype = getattr(torch, TORCH_NAMES[name])
    return dtype

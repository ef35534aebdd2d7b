"""Number formats of models: what users call them, 8-bit weights with scales, numbers beyond a format."""

from __future__ import annotations

import pytest
import torch

from app.weights.number_formats import FLOAT_FORMATS, SAVED_FORMATS, narrowed, tensor_of_scales, torch_dtype

LARGEST = torch.finfo(torch.float32).max


@pytest.mark.parametrize("name", SAVED_FORMATS)
def test_the_names_that_users_choose_by_are_torchs(name: str) -> None:
    assert torch_dtype(SAVED_FORMATS[name]) is getattr(torch, name)
    assert SAVED_FORMATS[name] in FLOAT_FORMATS


@pytest.mark.parametrize(
    ("numbers", "dtype", "overflows"),
    [
        ([1.0, 70000.0], torch.float16, True),
        ([1.0, 65504.0], torch.float16, False),
        ([1.0, float("inf"), 70000.0], torch.float16, False),
        ([LARGEST], torch.bfloat16, True),
        ([70000.0], torch.bfloat16, False),
        ([LARGEST], torch.float32, False),
    ],
)
def test_numbers_that_a_format_cannot_hold_are_noticed(numbers: list[float], dtype: torch.dtype, overflows: bool) -> None:
    result, has_overflowed = narrowed(torch.tensor(numbers), dtype)
    assert result.dtype is dtype and has_overflowed is overflows


@pytest.mark.parametrize("dtype", [torch.float8_e4m3fn, torch.float8_e5m2, torch.int64, torch.float16])
def test_small_formats_and_whole_numbers_fit_anywhere(dtype: torch.dtype) -> None:
    result, has_overflowed = narrowed(torch.tensor([3.0]).to(dtype), torch.float32)
    assert result.item() == 3 and not has_overflowed
    assert narrowed(torch.tensor([3]), torch.int64)[0].dtype is torch.int64


def test_scales_of_8_bit_weights_are_found() -> None:
    assert tensor_of_scales(["a.weight", "a.scale_weight", "b.scale_weight"]) == "a.scale_weight"
    assert tensor_of_scales(["a.weight", "scale_weights"]) == ""

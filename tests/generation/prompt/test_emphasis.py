"""Prompt weights on encoder output, and embeddings in encoder input."""

from __future__ import annotations

from operator import itemgetter
from typing import Any

import pytest
import torch

from app.generation.prompt.attention import HEAVIEST
from app.generation.prompt.emphasis import apply_emphasis, insert_embeddings
from app.testing.vectors import vector_cases


@pytest.mark.vectors
@pytest.mark.parametrize("case", vector_cases("token_chunks.json", "emphasis"), ids=itemgetter("id"))
def test_recorded_emphasis(case: dict[str, Any]) -> None:
    encoded = torch.tensor(case["z"], dtype=torch.float64)
    result = apply_emphasis(encoded, torch.tensor(case["multipliers"], dtype=torch.float64), case["option"])
    torch.testing.assert_close(result, torch.tensor(case["result"], dtype=torch.float64), rtol=1e-9, atol=1e-12)


@pytest.mark.vectors
@pytest.mark.parametrize("case", vector_cases("token_chunks.json", "injection"), ids=itemgetter("id"))
def test_recorded_injection(case: dict[str, Any]) -> None:
    inputs = torch.arange(77, dtype=torch.float32).unsqueeze(1)
    fixes = [
        (offset, torch.arange(count, dtype=torch.float32).unsqueeze(1) + 1000 * (index + 1))
        for index, (offset, count) in enumerate(case["fixes"])
    ]
    assert insert_embeddings(inputs, fixes).squeeze(1).tolist() == case["row_sources"]


def test_weights_of_one_leave_the_output_as_it_is() -> None:
    encoded = torch.randn(1, 77, 8, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(apply_emphasis(encoded, torch.ones(1, 77), "Original"), encoded)


def test_half_precision_stays_half_precision() -> None:
    encoded = torch.ones(1, 2, 4, dtype=torch.float16)
    assert apply_emphasis(encoded, [[1.0, 1.5]], "Original").dtype == torch.float16


@pytest.mark.parametrize("mode", ["Original", "No norm"])
def test_the_heaviest_weight_leaves_finite_numbers(mode):
    encoded = torch.randn(2, 77, 768, generator=torch.Generator().manual_seed(1)) * 10
    weights = torch.ones(2, 77)
    weights[:, 1:76] = HEAVIEST
    assert bool(torch.isfinite(apply_emphasis(encoded, weights, mode)).all())

"""Every way of attention equals attention in float64, whatever the lengths, the masks and the block they fall into."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from app.testing.attention import AttentionCase, check_attention
from extensions.attention import blockwise, register_attention, sub_quadratic

WAYS = {attention.name: attention for attention in register_attention(host=None)}

CASES = st.builds(
    AttentionCase,
    batch=st.integers(1, 3),
    heads=st.integers(1, 4),
    rows=st.integers(1, 90),
    keys=st.integers(1, 90),
    width=st.integers(1, 40),
    value_width=st.integers(1, 40),
    mask=st.sampled_from(["", "shown", "added"]),
    dtype=st.sampled_from(["float32", "bfloat16"]),
    seed=st.integers(0, 1000),
)


@pytest.fixture(params=["one block", "many blocks"])
def blocks(request, monkeypatch):
    """The chunks as they are, and chunks so small that every call needs many, the last of them not full."""
    if request.param == "many blocks":
        monkeypatch.setattr(blockwise, "SCORES_BYTES", 700)
        monkeypatch.setattr(sub_quadratic, "ROWS", 7)
        monkeypatch.setattr(sub_quadratic, "KEYS", 11)


@pytest.mark.parametrize("name", WAYS)
@pytest.mark.usefixtures("blocks")
def test_it_equals_attention_in_float64(name):
    @settings(max_examples=40, deadline=None, derandomize=True)
    @given(CASES)
    def check(case):
        check_attention(WAYS[name], case)

    check()


@pytest.mark.parametrize("name", ["blockwise", "sub-quadratic"])
def test_large_scores_do_not_overflow(name):
    rows = torch.full((1, 1, 3, 4), 200.0)
    value = torch.tensor([[1.0], [2.0], [3.0]]).view(1, 1, 3, 1)
    assert WAYS[name].load()(rows, rows, value, None).flatten().tolist() == pytest.approx([2.0] * 3)


@pytest.mark.parametrize("name", ["blockwise", "sub-quadratic"])
def test_few_scores_are_alive(name):
    """A call whose scores would take 64 MiB asks for a fraction of it."""
    from torch.utils._python_dispatch import TorchDispatchMode

    largest = []

    class Watch(TorchDispatchMode):
        def __torch_dispatch__(self, func, types, args=(), kwargs=None):
            result = func(*args, **(kwargs or {}))
            largest.extend(part.numel() * part.element_size() for part in [result] if isinstance(part, torch.Tensor))
            return result

    query = torch.randn(1, 1, 4096, 8)
    with Watch():
        WAYS[name].load()(query, query, query, None)
    assert max(largest) <= 2 * blockwise.SCORES_BYTES


@pytest.mark.parametrize(
    ("rows", "keys", "block"), [(4096, 4096, (1, 512)), (1024, 1024, (2, 1024)), (4096, 77, (6, 4096)), (1, 1 << 30, (1, 1))]
)
def test_blocks_keep_the_scores_small(rows, keys, block):
    assert blockwise.block_size(rows, keys, 2) == block

"""Damaged networks on a layer are refused by a sentence when they are read, or can be applied."""

from __future__ import annotations

import os

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.api import LayerWeights, UserError
from app.testing.vectors import vector_cases, vector_tensors
from extensions.lora.api import LayerKind, Target, read_layer, read_low_rank
from extensions.lycoris import register_layer_kinds

INPUTS = int(os.environ.get("PAINTBOX_FUZZ_INPUTS", "250"))
ALL_KINDS = sorted([LayerKind("lora", read_low_rank, order=50), *register_layer_kinds(host=None)], key=lambda kind: kind.order)
LOW_RANK = (
    "lora_up.weight",
    "lora_down.weight",
    "lora_mid.weight",
    "lora_A.weight",
    "lora_B.weight",
    "bias",
    "alpha",
    "scale",
    "dora_scale",
)
LOHA = ("hada_w1_a", "hada_w1_b", "hada_w2_a", "hada_w2_b", "hada_t1", "hada_t2")
LOKR = ("lokr_w1", "lokr_w1_a", "lokr_w1_b", "lokr_t1", "lokr_w2", "lokr_w2_a", "lokr_w2_b", "lokr_t2")
WHOLE = ("diff", "diff_b", "w_norm", "b_norm", "weight", "on_input")
OTHER = ("a1.weight", "a2.weight", "b1.weight", "b2.weight", "oft_blocks", "oft_diag", "rescale", "surprise")
DTYPES = (torch.float32, torch.float16, torch.bfloat16, torch.float64, torch.int64, torch.bool, torch.complex64, torch.float8_e4m3fn)
PARTS = st.sampled_from(LOW_RANK + LOHA + LOKR + WHOLE + OTHER)
SHAPES = st.lists(st.sampled_from((0, 1, 2, 3, 4, 6, 8, 12)), max_size=5).filter(lambda shape: torch.Size(shape).numel() < 5000)
TENSORS = st.builds(
    lambda shape, value, dtype: torch.full(shape, value).to(dtype),
    SHAPES,
    st.sampled_from((0.0, 0.5, 1.0, float("nan"), float("inf"))),
    st.sampled_from(DTYPES),
)
TARGETS = st.sampled_from(((12, 8), (12, 8, 3, 3), (12, 8, 1, 1), (12,), ()))


def check(parts, shape, rank=None):
    """Read and apply; whatever is raised is a sentence that names the layer."""
    try:
        change = read_layer(parts, Target("the layer", shape, rank), ALL_KINDS)
    except UserError as error:
        assert len(error.what) < 600 and ("the layer" in error.what or "no installed extension" in error.what)
        return
    layer = LayerWeights(torch.ones(shape), torch.ones(shape[:1]))
    changed = change.changed(layer, 0.5)
    assert changed.weight.shape == shape and changed.bias.shape == shape[:1]
    assert change.used <= parts.keys()


@pytest.mark.vectors
def test_damaged_networks_are_refused_or_can_be_applied():
    tensors = vector_tensors("networks.safetensors")
    seeds = []
    for case in vector_cases("networks.json", "cases"):
        for network in case.get("networks", ()):
            prefix = network["prefix"]
            parts = {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
            seeds.append((parts, tuple(case["weight_shape"])))

    @settings(deadline=None, max_examples=INPUTS, suppress_health_check=list(HealthCheck))
    @given(st.data(), st.sampled_from(range(len(seeds))))
    def run(data, number):
        parts, shape = dict(seeds[number][0]), seeds[number][1]
        for _ in range(data.draw(st.integers(1, 3))):
            name = data.draw(st.sampled_from(sorted(parts)) if parts else PARTS)
            match data.draw(st.sampled_from(("replace", "drop", "add", "cut", "turn", "whole"))):
                case "replace":
                    parts[name] = data.draw(TENSORS)
                case "drop":
                    parts.pop(name, None)
                case "add":
                    parts[data.draw(PARTS)] = data.draw(TENSORS)
                case "cut" if name in parts and parts[name].ndim:
                    parts[name] = parts[name][1:]
                case "turn" if name in parts:
                    parts[name] = parts[name].reshape(-1, 1) if parts[name].ndim == 1 else parts[name].transpose(0, -1)
                case _:
                    shape = data.draw(TARGETS)
        check(parts, shape, data.draw(st.sampled_from((None, None, 0, 1, -1, 3))))

    run()


@settings(deadline=None, max_examples=INPUTS)
@given(parts=st.dictionaries(PARTS, TENSORS, max_size=6), shape=TARGETS)
def test_any_parts_are_refused_or_can_be_applied(parts, shape):
    check(parts, shape)


def low_rank(**more):
    return {"lora_up.weight": torch.ones(12, 2), "lora_down.weight": torch.ones(2, 8), **more}


LOHA_PARTS = {"hada_w1_a": torch.ones(12, 2), "hada_w1_b": torch.ones(2, 8), "hada_w2_a": torch.ones(12, 3), "hada_w2_b": torch.ones(3, 8)}


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        (low_rank(alpha=torch.ones(4)), "alpha"),
        (low_rank(alpha=torch.tensor(float("nan"))), "alpha"),
        (low_rank(bias=torch.ones(8)), "(8,)"),
        (low_rank(dora_scale=torch.ones(3, 4)), "(3, 4)"),
        (low_rank() | {"lora_mid.weight": torch.ones(2)}, "(2,)"),
        (low_rank() | {"lora_up.weight": torch.ones(12, 2, 3, 3)}, "(12, 2, 3, 3)"),
        (LOHA_PARTS | {"hada_w2_b": torch.ones(2, 8)}, "(2, 8)"),
        ({"lokr_w1": torch.ones(()), "lokr_w2": torch.ones(12, 8)}, "()"),
        ({"diff": torch.ones(12, 8), "diff_b": torch.ones(8)}, "diff_b"),
        ({"oft_blocks": torch.ones(3, 4, 4), "rescale": torch.ones(5, 1)}, "rescale"),
        ({"oft_blocks": torch.ones(3, 3, 4, 4)}, "(3, 3, 4, 4)"),
        ({"weight": torch.ones(12), "on_input": torch.zeros(2)}, "on_input"),
        (low_rank() | {"lora_up.weight": torch.ones(12, 2, dtype=torch.complex64)}, "complex"),
    ],
)
def test_what_does_not_go_together_is_refused_when_it_is_read(parts, told):
    with pytest.raises(UserError) as refused:
        read_layer(parts, Target("the layer", (12, 8)), ALL_KINDS)
    assert "the layer" in refused.value.what and told in refused.value.what


def test_levels_of_boft_may_be_as_many_as_find_pairs():
    change = read_layer({"oft_blocks": torch.rand(2, 6, 2, 2)}, Target("the layer", (12, 8)), ALL_KINDS)
    weight = torch.rand(12, 8)
    turned = change.changed(LayerWeights(weight), 1.0).weight
    assert torch.allclose(turned.norm(dim=0), weight.norm(dim=0)) and not torch.allclose(turned, weight)


@pytest.mark.parametrize(
    ("parts", "unused"),
    [
        (low_rank(diff_b=torch.ones(12), alpha=torch.tensor(1.0), scale=torch.tensor(1.0)), {"diff_b"}),
        (low_rank(dora_scale=torch.ones(1, 8)) | {"lora_up.bias": torch.ones(12)}, {"lora_up.bias"}),
        ({"diff": torch.ones(12, 8), "dora_scale": torch.ones(1, 8), "alpha": torch.tensor(1.0)}, {"dora_scale"}),
        ({"lora_A.weight": torch.ones(2, 8), "lora_B.weight": torch.ones(12, 2), "alpha": torch.tensor(1.0)}, {"alpha"}),
        ({"lokr_w1": torch.ones(2, 4), "lokr_w2": torch.ones(6, 2), "lokr_w2_b": torch.ones(3, 2)}, {"lokr_w2_b"}),
        ({"oft_blocks": torch.zeros(3, 4, 4), "oft_diag": torch.zeros(3, 4, 4)}, {"oft_diag"}),
    ],
)
def test_parts_that_nothing_uses_are_known(parts, unused):
    assert parts.keys() - read_layer(parts, Target("the layer", (12, 8)), ALL_KINDS).used == unused

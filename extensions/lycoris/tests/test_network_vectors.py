"""Every recorded network on its layer, against A1111's weights; DoRA by output against its trainer's."""

from __future__ import annotations

import pytest
import torch

from app.api import LayerWeights, UserError
from app.testing.vectors import vector_cases, vector_tensors
from extensions.lora.api import LayerKind, Target, read_layer, read_low_rank
from extensions.lycoris.kinds import KINDS

CASES = vector_cases("networks.json", "cases")
SINGLE = [case for case in CASES if "key" in case]
REFUSED = [case for case in SINGLE if "error" in case or "not_applied" in case]
JOINT = [case for case in CASES if case["group"] == "joint_attention"]
ALL_KINDS = sorted([LayerKind("lora", read_low_rank, order=50), *KINDS], key=lambda kind: kind.order)
TOLERANCES = {"precision": 2e-3, "oft": 1e-4, "boft": 1e-4}
pytestmark = pytest.mark.vectors


@pytest.fixture(scope="module")
def tensors():
    return vector_tensors("networks.safetensors")


def parts_of(prefix, tensors):
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def strength(case, network):
    return network["te_multiplier"] if "transformer" in case["layer"][:20] else network["unet_multiplier"]


def apply_all(case, tensors):
    layer = LayerWeights(tensors[f"{case['id']}/orig_weight"], tensors.get(f"{case['id']}/orig_bias"))
    for network in case["networks"]:
        target = Target(case["layer"], tuple(case["weight_shape"]), network["dyn_dim"])
        layer = read_layer(parts_of(network["prefix"], tensors), target, ALL_KINDS).changed(layer, strength(case, network))
    return layer


def relative(found, expected):
    return float((found - expected).abs().max() / expected.abs().max())


@pytest.mark.parametrize(
    "case", [case for case in SINGLE if "error" not in case and "not_applied" not in case], ids=lambda case: case["id"]
)
def test_weights_become_what_the_reference_makes_of_them(case, tensors):
    layer, by_output = apply_all(case, tensors), case.get("trainer_norm_over") == "output"
    expected = tensors[f"{case['id']}/{'trainer_weight' if by_output and case['networks'][0]['unet_multiplier'] == 1 else 'new_weight'}"]
    exact = 1e-9 if case["dtype"] == "float64" else 1e-5
    assert relative(layer.weight, expected) <= TOLERANCES.get(case["group"], exact)
    if f"{case['id']}/new_bias" in tensors:
        assert relative(layer.bias, tensors[f"{case['id']}/new_bias"]) <= exact


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case["id"])
def test_what_the_reference_cannot_apply_is_refused_by_name(case, tensors):
    networks = case["networks"] or [{"prefix": f"{case['id']}/net0/", "dyn_dim": None}]
    target = Target("the layer", tuple(case["weight_shape"]), networks[0]["dyn_dim"])
    with pytest.raises(UserError) as refused:
        read_layer(parts_of(networks[0]["prefix"], tensors), target, ALL_KINDS)
    assert "the layer" in refused.value.what or "no installed extension" in refused.value.what


@pytest.mark.parametrize("case", JOINT, ids=lambda case: case["id"])
def test_projections_that_the_file_has_apart_are_those_of_the_joint_one(case, tensors):
    whole = {"q": 0, "k": 1, "v": 2}
    originals = tensors[f"{case['id']}/orig_in_proj"].chunk(3)
    expected = [*tensors[f"{case['id']}/new_in_proj"].chunk(3), tensors[f"{case['id']}/new_out_proj"]]
    layers = [*originals, tensors[f"{case['id']}/orig_out_proj"]]
    names = [f"{letter}_proj" for letter in whole] + ["out_proj"]
    for name, weight, result in zip(names, layers, expected, strict=True):
        prefix = next(key for key in tensors if key.startswith(case["file_keys_prefix"]) and f"self_attn_{name}." in key).rsplit(name, 1)[0]
        parts = parts_of(f"{prefix}{name}.", tensors)
        change = read_layer(parts, Target(name, tuple(weight.shape)), ALL_KINDS)
        assert torch.allclose(change.changed(LayerWeights(weight), case["te_multiplier"]).weight, result, rtol=1e-9, atol=1e-9)

"""First and later noise against recorded draws."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
import torch

from app.generation.noise import ImageNoise, NoisePlan, TorchGenerator, slerp
from app.generation.philox import PhiloxGenerator, philox_rounds
from app.testing.vectors import vector_cases, vector_tensors

pytestmark = pytest.mark.vectors
NAME = "noise.json"
TOLERANCE = {"CPU": 1e-6, "NV": 1e-6}


@pytest.fixture(scope="module")
def tensors():
    return vector_tensors("noise.safetensors")


def draws_of(case):
    plan = NoisePlan(
        shape=tuple(case["shape"]),
        seeds=tuple(case["seeds"]),
        subseeds=tuple(case["subseeds"] or ()),
        subseed_strength=case["subseed_strength"],
        resize_from=(case["seed_resize_from_h"] // 8, case["seed_resize_from_w"] // 8)
        if case["seed_resize_from_h"] > 0 and case["seed_resize_from_w"] > 0
        else None,
        seed_delta=case["eta_noise_seed_delta"],
        source=case["source"],
    )
    noise = ImageNoise(plan)
    return torch.stack([noise.first(), *(noise.next() for _ in range(case["draws"] - 1))])


@pytest.mark.parametrize("case", vector_cases(NAME, "cases"), ids=lambda case: case["id"])
def test_draws_equal_the_recorded_ones(case, tensors):
    drawn = draws_of(case)
    plain = case["source"] == "CPU" and not case["subseed_strength"]
    if "sha256_float32_le" in case:
        flat = drawn.flatten().numpy()
        assert np.allclose(flat[:16], case["first_values"], atol=2e-7) and np.allclose(flat[-16:], case["last_values"], atol=2e-7)
        assert not plain or hashlib.sha256(flat.astype("<f4").tobytes()).hexdigest() == case["sha256_float32_le"]
    elif plain:
        assert torch.equal(drawn, tensors[case["id"]])
    else:
        blended = case["subseed_strength"] != 0
        assert torch.allclose(drawn, tensors[case["id"]], rtol=0, atol=1e-6 if blended else 2e-7)


@pytest.mark.parametrize("case", vector_cases(NAME, "philox"), ids=lambda case: str(case["seed"]))
def test_philox_generator_draws(case, tensors):
    generator = PhiloxGenerator(case["seed"])
    for call in case["calls"]:
        assert torch.allclose(generator.normal(call["shape"]), tensors[call["tensor"]], rtol=0, atol=2e-7)


@pytest.mark.parametrize("case", vector_cases(NAME, "philox_rounds"), ids=lambda case: str(case["counter"]))
def test_philox_rounds(case):
    counter, key = (np.array(case[name], dtype=np.uint32).reshape(-1, 1) for name in ("counter", "key"))
    assert philox_rounds(counter, key)[:, 0].tolist() == case["out"]


@pytest.mark.parametrize("case", vector_cases(NAME, "slerp"), ids=lambda case: case["tensors"])
def test_slerp(case, tensors):
    name = case["tensors"]
    blended = slerp(case["weight"], tensors[f"{name}_low"], tensors[f"{name}_high"])
    assert torch.allclose(blended, tensors[f"{name}_result"], rtol=0, atol=1e-6)


@pytest.mark.parametrize("case", vector_cases(NAME, "local"), ids=lambda case: f"{case['source']}-{case['seed']}")
def test_small_draws_of_a_fresh_generator(case):
    generator = (PhiloxGenerator if case["source"] == "NV" else TorchGenerator)(case["seed"])
    drawn = generator.normal(case["shape"]).flatten()
    assert torch.allclose(drawn, torch.tensor(case["values"]), rtol=0, atol=2e-7)

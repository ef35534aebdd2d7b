"""The formula's first values and the bytes of whole tensors, as they were recorded."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from tools.formula_model.companions import COMPANIONS, SHA256, digest
from tools.formula_model.formula import uniform
from tools.formula_model.weights import values
from tools.formula_model.write import header, shapes

RECORDED = {
    "cond_stage_model.transformer.text_model.final_layer_norm.bias": (
        -0.15271,
        "0e2bfc726b1e42e917a4a571e6c2d29ed1fe5c26e980554e4aa890b372b864ea",
    ),
    "first_stage_model.decoder.conv_in.weight": (-0.279541, "496e45c68e33f000ceab467b6763124b037ad1ae2aa88b1ef53876d7c51681ad"),
    "first_stage_model.quant_conv.bias": (-0.03820801, "61b485919417fa7c0b92d21009092cd775b8c3f71e32df0e28cf451435f17db5"),
    "model.diffusion_model.input_blocks.0.0.weight": (0.0109024, "187e2c665b131e86e15df43c7368454d3d2d91c5d472e410f1ceb265f58aa01b"),
    "model.diffusion_model.out.2.weight": (-0.0004267693, "cd6a0002e4aeba21bfa8e6206f1fd34ae856f9f9891062e622833bcb6460f34d"),
    "model.diffusion_model.output_blocks.11.0.skip_connection.weight": (
        -0.001913071,
        "67c3b95cddecf3f02990a5f36cdd6bbb83a1e274ed8e2a269d7c0d4b3b0331f9",
    ),
    "model.diffusion_model.time_embed.0.weight": (0.08758545, "6e524800e105603aac560461fffc57abf20e908abf4baea15e9fb7d65ebd71a1"),
}


@pytest.mark.parametrize("name", RECORDED)
def test_a_tensor_is_the_recorded_one(name: str) -> None:
    tensor = values(name, shapes()[name])
    first, digest = RECORDED[name]
    assert float(tensor.reshape(-1)[0]) == pytest.approx(first, rel=1e-6)
    assert sha256(tensor.tobytes()).hexdigest() == digest


def test_a_part_of_a_tensor_is_that_of_the_whole() -> None:
    assert np.array_equal(uniform("a", 10, 5), uniform("a", 15)[5:])
    assert -1 <= uniform("a", 1000).min() < uniform("a", 1000).max() < 1


def test_the_header_names_every_tensor_and_is_aligned() -> None:
    raw = header(shapes())
    assert len(raw) % 8 == 0 and raw.count(b'"dtype"') == len(shapes())


@pytest.mark.parametrize("need", ["lora", "embedding"])
def test_a_companion_is_the_recorded_file(need: str, tmp_path: Path) -> None:
    path = COMPANIONS[need][1](tmp_path)
    assert digest(path) == SHA256[path.name]

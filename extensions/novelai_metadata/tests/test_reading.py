"""NovelAI's pictures become infotexts; damaged ones are nobody's."""

from __future__ import annotations

import json

import pytest

from app.api import parse_attention
from extensions.novelai_metadata.reading import read_novelai
from extensions.novelai_metadata.weights import with_a1111_weights

COMMENT = {"steps": 28, "sampler": "k_euler", "seed": 5, "scale": 11.0, "uc": "lowres"}
CHUNKS = {"Software": "NovelAI", "Description": "1girl", "Comment": json.dumps(COMMENT), "image_size": "24x16"}


def test_a_picture_is_read() -> None:
    names = {"k_euler": "Euler"}
    assert read_novelai(CHUNKS, names.get) == (
        "1girl\nNegative prompt: lowres\nSteps: 28, Sampler: Euler, CFG scale: 11.0, Seed: 5, Size: 24x16, Clip skip: 2, ENSD: 31337"
    )


def test_an_unknown_sampler_becomes_the_service_s_usual_one() -> None:
    assert "Sampler: Euler a" in (read_novelai(CHUNKS, lambda name: None) or "")


@pytest.mark.parametrize("change", [{"Software": "Paint"}, {"Comment": "{not json"}, {"Comment": "[]"}, {"Comment": '{"steps": "many"}'}])
def test_others_and_damaged_ones_are_left_alone(change: dict[str, str]) -> None:
    assert read_novelai(CHUNKS | change, lambda name: None) is None


@pytest.mark.parametrize(
    ("own", "a1111"),
    [
        ("a {cat}", "a (cat:1.05)"),
        ("{{cat}}, {{{dog}}}", "(cat:1.1025), (dog:1.157625)"),
        ("[cat]", f"(cat:{1 / 1.05})"),
        ("{a {b} c}", "(a (b:1.05) c:1.05)"),
        ("{[x]} y", "x y"),
        ("{a [b]", f"(a (b:{1 / 1.05}):1.05)"),
        ("a} b], {}", "a b, "),
        (r"fate (series), x \(y\)", r"fate \(series\), x \(y\)"),
    ],
)
def test_weights_become_a1111s(own: str, a1111: str) -> None:
    assert with_a1111_weights(own) == a1111
    comment = json.dumps(COMMENT | {"uc": own})
    infotext = read_novelai(CHUNKS | {"Description": own, "Comment": comment}, lambda name: None) or ""
    assert infotext.startswith(f"{a1111}\nNegative prompt: {a1111}\nSteps: 28")


def test_converted_weights_multiply_as_the_original_ones() -> None:
    assert parse_attention(with_a1111_weights("{a [b]}")) == [("a ", pytest.approx(1.05)), ("b", pytest.approx(1.0))]


def test_no_depth_is_too_deep() -> None:
    assert parse_attention(with_a1111_weights("{" * 20_000 + "x")) == [("x", 1000.0)]

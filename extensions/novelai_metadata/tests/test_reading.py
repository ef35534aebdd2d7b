"""NovelAI's pictures become infotexts; damaged ones are nobody's."""

from __future__ import annotations

import json

import pytest

from extensions.novelai_metadata.reading import read_novelai

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

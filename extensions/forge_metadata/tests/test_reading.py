"""Forge's pictures are known by their version."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extensions.forge_metadata.reading import read_forge

FLUX = """a woman in a yellow raincoat
Steps: 25, Sampler: Euler, Schedule type: Simple, CFG scale: 1, Distilled CFG Scale: 3.5, Seed: 42, Size: 896x1152, \
Model hash: d5d1e2a8b0, Model: flux1-dev-Q8_0, Version: f2.0.1v1.10.1-previous-313-g8a042934, Module 1: ae, Module 2: clip_l, \
Diffusion in Low Bits: Automatic"""


def test_what_has_no_counterpart_is_named_and_the_text_stays() -> None:
    reading = read_forge({"parameters": FLUX})
    assert reading is not None and reading.infotext == FLUX and reading.software == "Forge"
    assert reading.unread == ("Distilled CFG Scale", "Module 1", "Module 2")


@pytest.mark.parametrize("version", ["f0.0.17v1.8.0rc-latest-276-g29be1da7", "neo", "f1.0.3v1.10.1"])
def test_versions_of_forge(version: str) -> None:
    assert read_forge({"exif_user_comment": f"x\nSteps: 2, Seed: 1, Version: {version}"}) is not None


@pytest.mark.parametrize("text", ["", "x", "x\nSteps: 2, Seed: 1, Version: v1.10.1", "x\nSteps: 2, Seed: 1, Version: Paintbox 1.0.0"])
def test_others_are_left_alone(text: str) -> None:
    assert read_forge({"parameters": text}) is None
    assert read_forge({}) is None


@given(st.text(alphabet='ab:, \n"\\{}[]0', max_size=60))
def test_any_text_is_read_or_left_alone(text: str) -> None:
    reading = read_forge({"parameters": f"{text}\nSteps: 1, Seed: 2, Version: f2.0, {text}"})
    assert reading is None or reading.software == "Forge"

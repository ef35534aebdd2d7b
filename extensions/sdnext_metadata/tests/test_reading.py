"""SD.Next's pictures are known by the name of their program."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.api import parse_infotext
from extensions.sdnext_metadata.reading import read_sdnext

TEXT = """a girl, <lora:outline:3.0>
Negative prompt: low quality
Steps: 20, Size: 1312x1408, Sampler: DPM++ SDE, Scheduler: Karras, Seed: 1561296656, CFG scale: 6, CFG rescale: 0.7, Model: hassakuXL, \
Model hash: 847403d47a, App: SD.Next, Version: 8b73cb6, Pipeline: StableDiffusionXLPipeline, Operations: txt2img, Clip skip: 2"""


def test_labels_are_brought_into_a1111s_words_and_others_are_named() -> None:
    reading = read_sdnext({"parameters": TEXT})
    assert reading is not None and (reading.software, reading.unread) == ("SD.Next", ())
    assert parse_infotext(reading.infotext) == {
        "Prompt": "a girl, <lora:outline:3.0>", "Negative prompt": "low quality", "Steps": "20", "Size-1": "1312", "Size-2": "1408",
        "Sampler": "DPM++ SDE", "Schedule type": "Karras", "Seed": "1561296656", "CFG scale": "6", "CFG Rescale": "0.7",
        "Model": "hassakuXL", "Model hash": "847403d47a", "Clip skip": "2",
    }  # fmt: skip


def test_the_models_own_sampler_is_none() -> None:
    reading = read_sdnext({"parameters": TEXT.replace("DPM++ SDE", "Default")})
    assert reading is not None and "Sampler" not in parse_infotext(reading.infotext)
    assert "the sampler, which is that of the model" in reading.unread


@pytest.mark.parametrize("text", ["", "x", TEXT.replace("SD.Next", "Other")])
def test_others_are_left_alone(text: str) -> None:
    assert read_sdnext({"parameters": text}) is None
    assert read_sdnext({}) is None


@given(st.text(alphabet='ab:, \n"\\{}[]0x', max_size=60))
def test_any_text_is_read_or_left_alone(text: str) -> None:
    reading = read_sdnext({"parameters": f"{text}\nSteps: 1, Seed: 2, App: SD.Next, {text}"})
    assert reading is None or reading.software == "SD.Next"

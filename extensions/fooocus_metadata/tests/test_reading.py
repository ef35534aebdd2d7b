"""Fooocus's pictures become infotexts; damaged ones are nobody's."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.api import parse_infotext
from extensions.fooocus_metadata.reading import read_fooocus

PARAMETERS: dict[str, Any] = {
    "adm_guidance": "(1.5, 0.8, 0.3)", "base_model": "juggernautXL_v8Rundiffusion", "base_model_hash": "aeb7e9e689", "clip_skip": 2,
    "full_negative_prompt": ["bad hands", "anime, cartoon,"], "full_prompt": ["cinematic still a field .", "a field, detailed"],
    "guidance_scale": 4, "loras": [["sd_xl_offset_example-lora_1.0", 0.1, "4852686128"]], "metadata_scheme": "fooocus",
    "negative_prompt": "", "performance": "Speed", "prompt": "a field", "refiner_model": "None", "refiner_switch": 0.5,
    "resolution": "(1152, 896)", "sampler": "dpmpp_2m_sde_gpu", "scheduler": "karras", "seed": "127589946317439009", "sharpness": 2,
    "steps": 30, "styles": "['Fooocus V2']", "vae": "Default (model)", "version": "Fooocus v2.5.5",
}  # fmt: skip
FIELDS = {
    "Prompt": "cinematic still a field ., a field, detailed <lora:sd_xl_offset_example-lora_1.0:0.1>",
    "Negative prompt": "bad hands, anime, cartoon", "Steps": "30", "Sampler": "DPM++ 2M SDE", "Schedule type": "Karras", "CFG scale": "4",
    "Seed": "127589946317439009", "Size-1": "1152", "Size-2": "896", "Model hash": "aeb7e9e689", "Model": "juggernautXL_v8Rundiffusion",
    "Clip skip": "2", "RNG": "CPU",
}  # fmt: skip


@pytest.mark.parametrize(
    ("place", "scheme"), [("parameters", {"fooocus_scheme": "fooocus"}), ("exif_user_comment", {"exif_maker_note": "fooocus"})]
)
def test_a_picture_in_either_place(place: str, scheme: dict[str, str]) -> None:
    without = {key: value for key, value in PARAMETERS.items() if key not in ("metadata_scheme", "version")}
    reading = read_fooocus({place: json.dumps(without), **scheme})
    assert reading is not None and parse_infotext(reading.infotext) == FIELDS and reading.software == "Fooocus"
    assert reading.unread == ("sharpness", "ADM guidance", "the styles as such (their texts are in the prompts)")


def test_typed_prompts_where_there_are_no_others() -> None:
    typed = {key: value for key, value in PARAMETERS.items() if not key.startswith("full_")}
    reading = read_fooocus({"parameters": json.dumps({**typed, "refiner_model": "x", "sharpness": 0, "freeu": "(1, 1, 1, 1)"})})
    assert reading is not None and parse_infotext(reading.infotext)["Prompt"].startswith("a field <lora:")
    assert reading.unread == ("ADM guidance", "the refiner", "FreeU", "the styles")


@pytest.mark.parametrize("text", ["", "a cat\nSteps: 3", "{", "[]", "{}", '{"prompt": "x"}', '{"a":' * 50_000])
def test_others_and_damaged_ones_are_left_alone(text: str) -> None:
    assert read_fooocus({"parameters": text}) is None


ANYTHING = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["", "x", "(1, 2)", [], [["a", 1]], [["a", {}]], {"a": 5}])
)


@given(st.dictionaries(st.sampled_from(sorted(PARAMETERS)), ANYTHING))
def test_anything_under_its_keys_is_read(found: dict[str, Any]) -> None:
    assert read_fooocus({"parameters": json.dumps({**found, "metadata_scheme": "fooocus"})}) is not None

"""InvokeAI's pictures become infotexts; damaged ones are nobody's."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.api import parse_attention, parse_infotext
from extensions.invokeai_metadata.reading import OTHER_FEATURES, read_invokeai
from extensions.invokeai_metadata.weights import with_a1111_weights

NEW: dict[str, Any] = {
    "app_version": "5.4.2", "generation_mode": "sdxl_txt2img", "positive_prompt": "isometric cabin, c++ode", "negative_prompt": "blurry",
    "width": 1024, "height": 768, "seed": 2718281828, "rand_device": "cpu", "cfg_scale": 7.5, "cfg_rescale_multiplier": 0, "steps": 30,
    "scheduler": "dpmpp_2m_sde_k", "seamless_x": False, "seamless_y": False, "clip_skip": 1,
    "model": {"key": "6a1b", "hash": "blake3:ab12", "name": "juggernautXL_v9", "base": "sdxl", "type": "main"},
    "loras": [{"model": {"key": "9f", "name": "add-detail-xl", "base": "sdxl", "type": "lora"}, "weight": 0.6}],
    "vae": {"key": "v", "name": "sdxl-vae-fp16-fix", "base": "sdxl", "type": "vae"}, "positive_style_prompt": "", "controlnets": [],
}  # fmt: skip
OLD: dict[str, Any] = {
    "model": "stable diffusion", "model_weights": "stable-diffusion-1.5", "app_id": "invoke-ai/InvokeAI", "app_version": "v2.2.0",
    "model_hash": "cc6cb27103417325ff94f52b7a5d2dde45a7515b25c255d8e396c90014281516",
    "image": {
        "prompt": [{"prompt": "a dog in a park [blurry, text]", "weight": 1.0}], "steps": 50, "cfg_scale": 7.5, "threshold": 0, "perlin": 0,
        "height": 512, "width": 640, "seed": 3561693215, "seamless": False, "hires_fix": True, "type": "txt2img", "sampler": "k_lms",
    },
}  # fmt: skip


def read(key: str, found: dict[str, Any]) -> tuple[dict[str, str], tuple[str, ...]]:
    reading = read_invokeai({key: json.dumps(found)})
    assert reading is not None and reading.software == "InvokeAI"
    return parse_infotext(reading.infotext), reading.unread


def test_a_new_picture() -> None:
    assert read("invokeai_metadata", NEW) == (
        {
            "Prompt": "isometric cabin, c++ode <lora:add-detail-xl:0.6>", "Negative prompt": "blurry", "Steps": "30",
            "Sampler": "DPM++ 2M SDE", "Schedule type": "Karras", "CFG scale": "7.5", "Seed": "2718281828", "Size-1": "1024",
            "Size-2": "768", "Model": "juggernautXL_v9", "VAE": "sdxl-vae-fp16-fix", "Clip skip": "2", "RNG": "CPU",
        },
        (),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("own", "a1111"),
    [
        ("a (warm)1.2 cabin", "a (warm:1.2) cabin"),
        ("a cabin++", "a (cabin:1.21)"),
        ("castle+, wood--- x", "(castle:1.1), (wood:0.729) x"),
        ("(old cabin)-", "(old cabin:0.9)"),
        ("((x))++", "(x:1.21)"),
        ("((x)+ y)1.5, z", "((x:1.1) y:1.5), z"),
        ("((x)1.2)+", "(x:1.32)"),
        ("(a (b c)-)++ d", "(a (b c:0.9):1.21) d"),
        ("(bare) words, x-ray, - dash, c++ode", "bare words, x-ray, - dash, c++ode"),
        (r"a \(b\)+ [c] (open", r"a \(b\)+ \[c\] \(open"),
        ("sci-fi+ (2)2 (x)2girls", "(sci-fi:1.1) (2:2) x2girls"),
        ("a)1.2 b", r"a\)1.2 b"),
    ],
)
def test_weights_become_a1111s(own: str, a1111: str) -> None:
    assert with_a1111_weights(own) == a1111
    fields, unread = read("invokeai_metadata", NEW | {"positive_prompt": own, "negative_prompt": own, "loras": []})
    assert (fields["Prompt"], fields["Negative prompt"], unread) == (a1111, a1111, ())


def test_converted_weights_multiply_as_the_original_ones() -> None:
    assert parse_attention(with_a1111_weights("((a)++ b)-")) == [("a", pytest.approx(1.1**2 * 0.9)), (" b", pytest.approx(0.9))]


def test_swaps_and_blends_stay_as_they_are_and_are_named() -> None:
    fields, unread = read("invokeai_metadata", NEW | {"positive_prompt": '("a", "b+").blend(1, 2)', "loras": []})
    assert fields["Prompt"] == '("a", "b+").blend(1, 2)' and unread == ("swaps and blends of prompts, and the weights beside them",)


@given(st.text(alphabet='a b+-1.2()[]\\",', max_size=40))
def test_any_prompt_is_written_in_pairs_of_brackets(prompt: str) -> None:
    plain = re.sub(r"\\.", "", with_a1111_weights(prompt))
    assert plain.count("(") == plain.count(")") and not {"[", "]"} & set(plain)


def test_the_cfg_rescale_is_taken_over() -> None:
    fields, unread = read("invokeai_metadata", NEW | {"cfg_rescale_multiplier": 0.7})
    assert fields["CFG Rescale"] == "0.7" and unread == ()


def test_version_3_named_models_otherwise() -> None:
    change = {"model": {"model_name": "dream", "base_model": "sd-1"}, "loras": [{"lora": {"model_name": "newb"}, "weight": 1}], "vae": None}
    fields, _ = read("invokeai_metadata", NEW | change)
    assert fields["Model"] == "dream" and fields["Prompt"].endswith("<lora:newb:1>") and "VAE" not in fields


def test_a_schedule_without_karras_is_uniform_and_unknown_ones_are_named() -> None:
    fields, _ = read("invokeai_metadata", NEW | {"scheduler": "euler_a"})
    assert (fields["Sampler"], fields["Schedule type"]) == ("Euler a", "Uniform")
    fields, unread = read("invokeai_metadata", NEW | {"scheduler": "deis"})
    assert "Sampler" not in fields and unread == ("the sampler 'deis'",)


@pytest.mark.parametrize("key", ["init_image", "controlnets", "refiner_model", "hrf_enabled", "positive_style_prompt"])
def test_other_features_are_named(key: str) -> None:
    assert OTHER_FEATURES[key] in read("invokeai_metadata", NEW | {key: "x"})[1]


def test_an_old_picture_has_its_negative_prompt_in_brackets() -> None:
    fields, unread = read("sd-metadata", OLD)
    assert (fields["Prompt"], fields["Negative prompt"], fields["Sampler"]) == ("a dog in a park", "blurry, text", "LMS")
    assert (fields["Model"], fields["Model hash"], fields["Size-1"]) == ("stable-diffusion-1.5", "cc6cb27103", "640")
    assert unread == ("the high resolution fix",)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"image": 5}', '{"positive": "x"}', '{"a":' * 50_000])
def test_others_and_damaged_ones_are_left_alone(text: str) -> None:
    assert read_invokeai({"invokeai_metadata": text, "sd-metadata": text}) is None


ANYTHING = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["", "x", "1e999", "euler_k", [], [{}], {"name": 5}, [[1]]])
)
KEYS = sorted({*NEW, *OLD["image"], *OTHER_FEATURES})


@given(st.dictionaries(st.sampled_from(KEYS), ANYTHING))
def test_anything_under_its_keys_is_read(found: dict[str, Any]) -> None:
    assert read_invokeai({"invokeai_metadata": json.dumps({"positive_prompt": "x", **found})}) is not None
    assert read_invokeai({"sd-metadata": json.dumps({"image": {"prompt": [], **found}})}) is not None

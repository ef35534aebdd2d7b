"""Fields of A1111's request that reach features: hires fix and the refiner."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from extensions.a1111_api.tests.conftest import Api, info_of, running_api

HIRES = {"enable_hr": True, "denoising_strength": 0.5, "seed": 5, "sampler_name": "Euler"}


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with running_api(tmp_path_factory.mktemp("api") / "data", "hires_fix", "refiner") as running:
        yield running


def _size(text: str) -> tuple[int, int]:
    return Image.open(BytesIO(base64.b64decode(text, validate=True))).size


@pytest.mark.parametrize(
    ("asked", "size", "written"),
    [
        ({}, (128, 128), "Hires upscale: 2, Hires upscaler: Latent"),
        (
            {"hr_scale": 1.5, "hr_upscaler": "Lanczos", "hr_second_pass_steps": 3},
            (96, 96),
            "Hires upscale: 1.5, Hires steps: 3, Hires upscaler: Lanczos",
        ),
        ({"hr_resize_x": 128, "hr_resize_y": 96}, (128, 96), "Hires resize: 128x96"),
        (
            {"hr_prompt": "sea", "hr_sampler_name": "DPM++ 2M", "hr_scheduler": "Karras"},
            (128, 128),
            "Hires sampler: DPM++ 2M, Hires prompt: sea",
        ),
        ({"firstphase_width": 32, "firstphase_height": 32}, (64, 64), "Size: 32x32"),
        ({"hr_checkpoint_name": "second", "hr_upscaler": None}, (128, 128), "Hires checkpoint: second ["),
    ],
)
def test_hires_fix(api: Api, asked: dict[str, Any], size: tuple[int, int], written: str) -> None:
    answer = api.draw(**HIRES, **asked)
    assert _size(answer["images"][0]) == size
    infotext = info_of(answer)["infotexts"][0]
    assert written in infotext and "Denoising strength: 0.5" in infotext


def test_fields_that_were_not_sent_leave_the_feature_off(api: Api) -> None:
    plain = api.draw(seed=5)
    assert api.draw(seed=5, denoising_strength=0.3, hr_scale=4, hr_upscaler="Sorcery", refiner_switch_at=0.5)["images"] == plain["images"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("hr_upscaler", "Sorcery"),
        ("hr_checkpoint_name", "Sorcery"),
        ("hr_sampler_name", "Sorcery"),
        ("hr_scheduler", "Sorcery"),
        ("refiner_checkpoint", "Sorcery"),
        ("hr_resize_x", 3),
        ("hr_resize_y", 3),
        ("hr_scale", 0),
        ("hr_scale", 99),
        ("denoising_strength", 7),
    ],
)
def test_the_field_at_fault_is_named_as_it_was_sent(api: Api, field: str, value: Any) -> None:
    more = {"refiner_switch_at": 0.5} if field == "refiner_checkpoint" else {}
    answer = api.post("txt2img", {**HIRES, "steps": 2, field: value, **more})
    assert answer.status_code == 422 and answer.json()["field"] == field
    assert str(value) in answer.text or not isinstance(value, str)
    assert "img2img" not in answer.text and "params." not in answer.text


def test_the_infotext_of_a_second_pass_fills_the_fields(api: Api) -> None:
    drawn = api.draw(**HIRES, hr_scale=1.5, hr_upscaler="Lanczos")
    again = api.draw(prompt="a cat", infotext=info_of(drawn)["infotexts"][0])
    assert again["images"] == drawn["images"]


def test_the_size_in_an_infotext_is_the_second_pass_s_where_the_setting_says_so(api: Api) -> None:
    api.post("options", {"use_old_hires_fix_width_height": True})
    text = "a cat\nSteps: 1, Sampler: Euler, Seed: 1, Size: 64x64, Denoising strength: 0.5, Hires resize: 96x128, Hires upscaler: Latent"
    answer = api.draw(infotext=text)
    assert _size(answer["images"][0]) == (96, 128)


def test_the_refiner(api: Api) -> None:
    infotext = info_of(api.draw(seed=5, steps=4, refiner_checkpoint="second", refiner_switch_at=0.5))["infotexts"][0]
    assert "Refiner: second [" in infotext and "Refiner switch at: 0.5" in infotext
    assert "Refiner" not in info_of(api.draw(seed=5, refiner_checkpoint="None"))["infotexts"][0]

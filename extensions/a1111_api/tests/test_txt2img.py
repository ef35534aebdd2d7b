"""Drawing over the API as real clients ask for it."""

from __future__ import annotations

import base64
import json
import threading
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from app.api import open_image
from extensions.a1111_api.tests.conftest import Api, info_of


def _picture(text: str) -> Image.Image:
    return Image.open(BytesIO(base64.b64decode(text, validate=True)))


def test_an_empty_request_draws_one_picture_of_native_size(api: Api) -> None:
    answer = api.post("txt2img", {}).json()
    assert [_picture(text).size for text in answer["images"]] == [(64, 64)]
    assert answer["parameters"]["width"] == answer["parameters"]["height"] == 64
    info = info_of(answer)
    assert info["steps"] == 50 and info["sampler_name"] == "Euler" and info["seed"] >= 0
    assert info["infotexts"][0].splitlines()[-1].startswith("Steps: 50, Sampler: Euler")


def test_the_pictures_carry_their_infotext(api: Api) -> None:
    answer = api.draw(prompt="a cat", negative_prompt="dog", seed=5)
    chunks = open_image(base64.b64decode(answer["images"][0])).chunks
    assert chunks["parameters"] == info_of(answer)["infotexts"][0]
    assert "Negative prompt: dog" in chunks["parameters"] and "Seed: 5" in chunks["parameters"]


def test_a_batch_counts_its_seeds_up(api: Api) -> None:
    answer = api.draw(seed=10, batch_size=2, n_iter=2)
    info = info_of(answer)
    assert len(answer["images"]) == len(info["infotexts"]) == 4
    assert info["all_seeds"] == [10, 11, 12, 13] and info["index_of_first_image"] == 0
    assert api.draw(seed=12)["images"][0] == answer["images"][2]


def test_numbers_as_text_nulls_and_unknown_fields(api: Api) -> None:
    answer = api.draw(
        steps="3",
        cfg_scale="7.5",
        seed="11",
        width="128",
        height=None,
        hr_scale="1.0",
        hr_second_pass_steps=0.0,
        denoising_strength=None,
        styles=None,
        sampler_name=None,
        seed_resize_from_h=-1,
        url="http://elsewhere",
        auth="",
        clip_skip=1,
        comments={},
        script_args=[],
    )
    info = info_of(answer)
    assert (info["steps"], info["cfg_scale"], info["seed"], info["width"], info["height"]) == (3, 7.5, 11, 128, 64)


@pytest.mark.parametrize("headers", [{}, {"content-type": "text/plain"}, {"content-type": "application/x-www-form-urlencoded"}])
def test_json_whatever_the_content_type_says(api: Api, headers: dict[str, str]) -> None:
    answer = api.client.post("/sdapi/v1/txt2img", content=b'{"steps": 1, "prompt": "plain"}', headers=headers)
    assert answer.json()["parameters"]["prompt"] == "plain"


@pytest.mark.parametrize(
    ("asked", "used"),
    [
        ({"sampler_name": "Euler a"}, "Sampler: Euler a, Schedule type: Automatic"),
        ({"sampler_index": "DDIM"}, "Sampler: DDIM, Schedule type: Automatic"),
        ({"sampler_name": "Euler", "sampler_index": "DDIM"}, "Sampler: Euler, Schedule type: Automatic"),
        ({"sampler_name": "DPM++ 2M Karras"}, "Sampler: DPM++ 2M, Schedule type: Karras"),
        ({"sampler_name": "Euler", "scheduler": "karras"}, "Sampler: Euler, Schedule type: Karras"),
        ({"sampler_name": "DPM++ 2M"}, "Sampler: DPM++ 2M, Schedule type: Karras"),
        ({"sampler_name": "k_euler_a"}, "Sampler: Euler a, Schedule type: Automatic"),
    ],
)
def test_sampler_names(api: Api, asked: dict[str, str], used: str) -> None:
    assert used in info_of(api.draw(**asked))["infotexts"][0]


def test_an_unknown_sampler_becomes_the_first_and_the_answer_says_so(api: Api) -> None:
    info = info_of(api.draw(sampler_name="Nonsense", scheduler="Odd"))
    assert info["sampler_name"] == "DPM++ 2M"
    assert any("Nonsense" in comment for comment in info["comments"]) and any("Odd" in comment for comment in info["comments"])


@pytest.mark.parametrize(
    ("asked", "used", "remark"),
    [
        ("dpm++ 2m karras", "Sampler: DPM++ 2M, Schedule type: Karras", ""),
        ("k_euler_a karras", "Sampler: Euler a, Schedule type: Karras", ""),
        ("Euler Z Karras", "Sampler: DPM++ 2M, Schedule type: Karras", "There is no sampler 'Euler Z Karras'; 'DPM++ 2M' was used."),
        ("DPM++ 2M Q", "Sampler: DPM++ 2M, Schedule type: Karras", "There is no sampler 'DPM++ 2M Q'; 'DPM++ 2M' was used."),
    ],
)
def test_a_remark_is_made_where_another_sampler_was_used(api: Api, asked: str, used: str, remark: str) -> None:
    info = info_of(api.draw(sampler_name=asked))
    assert used in info["infotexts"][0]
    assert [comment for comment in info["comments"] if "sampler" in comment] == ([remark] if remark else [])


def test_nothing_is_left_on_disk_unless_saving_was_asked_for(fresh_api: Api) -> None:
    fresh_api.draw(batch_size=2)
    assert [
        path for folder in (fresh_api.host.paths.outputs, fresh_api.host.paths.spool) for path in folder.rglob("*") if path.is_file()
    ] == []
    assert len(fresh_api.draw(save_images=True, batch_size=2)["images"]) == 3
    saved = [path.name for path in fresh_api.host.paths.outputs.rglob("*.png")]
    assert len(saved) == 3 and any(name.startswith("grid") for name in saved)


def test_the_grid_comes_first(api: Api) -> None:
    answer = api.draw(save_images=True, batch_size=2, seed=3)
    info = info_of(answer)
    assert info["index_of_first_image"] == 1 and len(info["infotexts"]) == 3
    assert _picture(answer["images"][0]).width == 128


def test_pictures_can_be_left_out_of_the_answer(api: Api) -> None:
    answer = api.draw(send_images=False, save_images=True)
    assert answer["images"] == [] and len(info_of(answer)["infotexts"]) == 1


def test_the_format_setting_decides_the_files(api: Api) -> None:
    answer = api.draw(override_settings={"samples_format": "jpg"})
    assert _picture(answer["images"][0]).format == "JPEG"
    assert "exif_user_comment" in open_image(base64.b64decode(answer["images"][0])).chunks


def test_overrides_hold_for_one_request(api: Api) -> None:
    info = info_of(api.draw(override_settings={"CLIP_stop_at_last_layers": "2", "sd_model_checkpoint": "second"}))
    assert info["extra_generation_params"] == {}
    assert "Clip skip: 2" in info["infotexts"][0] and "Model: second" in info["infotexts"][0]
    assert api.get("options").json()["CLIP_stop_at_last_layers"] == 1
    assert "Model: first" in info_of(api.draw())["infotexts"][0]


def test_overrides_stay_when_asked_for(fresh_api: Api) -> None:
    fresh_api.draw(
        override_settings={"CLIP_stop_at_last_layers": 2, "sd_model_checkpoint": "second"}, override_settings_restore_afterwards=False
    )
    options = fresh_api.get("options").json()
    assert options["CLIP_stop_at_last_layers"] == 2 and options["sd_model_checkpoint"].startswith("second.safetensors")


def test_overrides_that_do_not_exist_here_are_left_out(api: Api) -> None:
    info = info_of(api.draw(override_settings={"sd_vae": "Automatic", "api_useragent": "x"}))
    assert any("sd_vae" in comment for comment in info["comments"])


def test_another_checkpoint_than_the_one_asked_for_draws_nothing(api: Api) -> None:
    answer = api.post("txt2img", {"steps": 1, "override_settings": {"sd_model_checkpoint": "nowhere"}})
    assert answer.status_code == 422 and answer.json()["field"] == "override_settings.sd_model_checkpoint"
    assert "unknown checkpoint 'nowhere'" in answer.json()["detail"]


def test_what_a_request_names_and_nobody_knows_is_told(api: Api) -> None:
    info = info_of(api.draw(promt="a dog", styles=["nostyle", "None"], url=None, latent_mask="x"))
    assert info["comments"] == [
        "Unknown fields were ignored: 'promt' (did you mean 'prompt'?).",
        "There is no style 'nostyle', so it changed nothing.",
    ]
    assert info_of(api.draw(styles=["None"]))["comments"] == []


@pytest.mark.parametrize(
    ("body", "field"),
    [({"width": 20000}, "width"), ({"seed_resize_from_w": -5, "steps": 0}, "steps"), ({"n_iter": 200, "batch_size": 200}, "n_iter")],
)
def test_the_field_at_fault_has_the_name_that_was_sent(api: Api, body: dict[str, Any], field: str) -> None:
    answer = api.post("txt2img", body)
    assert answer.status_code == 422 and field in answer.text and "batch_count" not in answer.json().get("field", "")


def test_settings_of_a1111_without_effect_are_accepted_and_told(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    (comment,) = info_of(api.draw(override_settings={"img2img_editor_height": 500}))["comments"]
    assert "'img2img_editor_height' has no effect here: the canvas" in comment
    for _ in range(2):
        assert api.post("options", {"temp_dir": "/tmp", "made_up": 1}).status_code == 200
    (told,) = [record.message for record in caplog.records if "temp_dir" in record.message]
    assert told.startswith("The setting 'temp_dir' has no effect here: pictures are shown from where they are saved")
    assert "temp_dir" not in api.get("options").json()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"steps": 0}, "steps"),
        ({"steps": "many"}, "steps"),
        ({"width": 7}, "width"),
        ({"cfg_scale": "NaN"}, "cfg_scale"),
        ({"batch_size": 100000}, "batch_size"),
        ({"prompt": ["a", "b"]}, "prompt"),
        ({"override_settings": {"CLIP_stop_at_last_layers": "last"}}, "override_settings"),
        ({"script_name": "X/Y/Z plot"}, "script_name"),
        ({"alwayson_scripts": {"ADetailer": {"args": []}}}, "alwayson_scripts"),
        ({"enable_hr": True, "denoising_strength": 0.5}, "enable_hr"),
        ({"refiner_checkpoint": "refiner"}, "refiner_checkpoint"),
    ],
)
def test_bad_input_is_refused_and_named(api: Api, body: dict[str, Any], field: str) -> None:
    answer = api.post("txt2img", body)
    assert answer.status_code == 422
    problem = answer.json()
    assert field in json.dumps(problem)
    assert isinstance(problem["detail"], (str, list))


def test_sizes_are_rounded_down_to_whole_latent_pixels(api: Api) -> None:
    assert _picture(api.draw(width=70, height=100)["images"][0]).size == (64, 96)


def test_items_of_features_are_the_extra_parameters(api: Api) -> None:
    info = info_of(api.draw(sampler_name="Euler a", eta=0.5))
    assert info["extra_generation_params"] == {"Eta": "0.5"}


def test_an_infotext_fills_what_was_not_sent(api: Api) -> None:
    text = "from text\nNegative prompt: not this\nSteps: 3, Sampler: DDIM, CFG scale: 4, Seed: 77, Size: 96x64, Clip skip: 2"
    answer = api.post("txt2img", {"infotext": text, "cfg_scale": 5}).json()
    infotext = info_of(answer)["infotexts"][0]
    assert infotext.startswith("from text\nNegative prompt: not this\nSteps: 3, Sampler: DDIM")
    assert "CFG scale: 5" in infotext and "Size: 96x64" in infotext and "Clip skip: 2" in infotext


def test_styles_are_merged(fresh_api: Api) -> None:
    Path(fresh_api.host.paths.data, "styles.csv").write_text("name,prompt,negative_prompt\nPine,a pine {prompt},dog\n", encoding="utf-8")
    info = info_of(fresh_api.draw(prompt="forest", styles=["Pine", "Unknown"]))
    assert info["all_prompts"] == ["a pine forest"] and info["all_negative_prompts"] == ["dog"]


def test_requests_wait_for_each_other_and_all_get_their_own_pictures(api: Api) -> None:
    answers: dict[int, dict[str, Any]] = {}
    threads = [threading.Thread(target=lambda seed=seed: answers.update({seed: api.draw(seed=seed)})) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert {seed: info_of(answer)["seed"] for seed, answer in answers.items()} == {0: 0, 1: 1, 2: 2, 3: 3}


def test_tags_that_nobody_understands_are_told_unless_they_are_to_be_ignored(api: Api) -> None:
    told = info_of(api.draw(prompt="a cat <thing:x:1>", seed=1))
    ignored = info_of(api.draw(prompt="a cat <thing:x:1>", seed=1, disable_extra_networks=True))
    assert any("<thing:x:1>" in comment for comment in told["comments"])
    assert not any("thing" in comment for comment in ignored["comments"])
    assert told["infotexts"] == ignored["infotexts"] and told["prompt"] == "a cat <thing:x:1>"


def test_scheduled_prompts_and_parts_mix_what_they_name(api: Api) -> None:
    def drawn(prompt: str) -> bytes:
        return _picture(api.draw(prompt=prompt, seed=1, steps=4)["images"][0]).tobytes()

    assert len({drawn(prompt) for prompt in ("day", "night", "[day:night:0.5]", "[day|night]", "day AND night", "day :0.5")}) == 6
    assert drawn("[day:night:4]") == drawn("day") == drawn("[night:day:0]")

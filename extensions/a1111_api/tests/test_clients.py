"""What the clients that people use send, and what they look at in the answers."""

from __future__ import annotations

import json

from extensions.a1111_api.tests.conftest import Api, info_of


def test_open_webui_changes_the_checkpoint_by_sending_all_options_back(fresh_api: Api) -> None:
    options = fresh_api.get("options").json()
    titles = [model["title"] for model in fresh_api.get("sd-models").json()]
    options["sd_model_checkpoint"] = titles[1]
    assert fresh_api.post("options", options, headers={"authorization": ""}).status_code == 200
    body = {"prompt": "a pine tree", "batch_size": 1, "width": 64, "height": 64, "steps": 2, "negative_prompt": ""}
    answer = fresh_api.draw(**body)
    assert len(answer["images"]) == 1 and info_of(answer)["sd_model_name"] == "second"


def test_sillytavern_sends_everything_it_knows_and_waits_until_idle(api: Api) -> None:
    answer = api.draw(
        url="http://127.0.0.1:7860",
        auth="",
        prompt="a boat",
        negative_prompt="",
        sampler_name="Euler a",
        scheduler="karras",
        steps=2,
        cfg_scale=7,
        width=64,
        height=64,
        restore_faces=False,
        enable_hr=False,
        hr_upscaler="Latent",
        hr_scale=2,
        hr_additional_steps=0,
        denoising_strength=0.7,
        hr_second_pass_steps=0,
        seed=None,
        override_settings={"CLIP_stop_at_last_layers": 2, "sd_vae": "Automatic"},
        override_settings_restore_afterwards=True,
        clip_skip=2,
        save_images=True,
        send_images=True,
        do_not_save_grid=False,
        do_not_save_samples=False,
    )
    assert "Sampler: Euler a, Schedule type: Karras" in info_of(answer)["infotexts"][0]
    progress = api.get("progress").json()
    assert progress["progress"] == 0.0 and progress["state"]["job_count"] == 0


def test_dify_sends_text_and_combined_sampler_names(api: Api) -> None:
    body = {
        "prompt": "a castle",
        "negative_prompt": "",
        "styles": [],
        "seed": -1,
        "subseed": -1,
        "subseed_strength": 0,
        "seed_resize_from_h": -1,
        "seed_resize_from_w": -1,
        "sampler_index": "DPM++ SDE Karras",
        "batch_size": 1,
        "n_iter": 1,
        "steps": 2,
        "cfg_scale": 7,
        "width": 64,
        "height": 64,
        "restore_faces": False,
        "do_not_save_samples": False,
        "do_not_save_grid": False,
        "eta": 0,
        "denoising_strength": 0,
        "s_min_uncond": 0,
        "s_churn": 0,
        "s_tmax": 0,
        "s_tmin": 0,
        "s_noise": 0,
        "override_settings": {"sd_model_checkpoint": "first"},
        "override_settings_restore_afterwards": True,
        "refiner_switch_at": 0,
        "disable_extra_networks": False,
        "comments": {},
        "enable_hr": False,
        "firstphase_width": 0,
        "firstphase_height": 0,
        "hr_scale": 2,
        "hr_second_pass_steps": 0,
        "hr_resize_x": 0,
        "hr_resize_y": 0,
        "hr_prompt": "",
        "hr_negative_prompt": "",
        "script_args": [],
        "send_images": True,
        "save_images": False,
        "alwayson_scripts": {},
    }
    answer = api.client.post("/sdapi/v1/txt2img", content=json.dumps(body))
    assert answer.status_code == 200, answer.text
    assert info_of(answer.json())["sd_model_name"] == "first"


def test_librechat_asks_for_the_metadata_of_what_it_drew(api: Api) -> None:
    image = api.draw(prompt="a windmill", steps=2, seed=8)["images"][0]
    info = api.post("png-info", {"image": f"data:image/png;base64,{image}"}).json()["info"]
    assert "Seed: 8" in info and info.startswith("a windmill")


def test_aiyabot_sends_floats_and_nulls(api: Api) -> None:
    answer = api.draw(
        sampler_index="Euler",
        seed_resize_from_h=-1,
        seed_resize_from_w=-1,
        denoising_strength=None,
        hr_second_pass_steps=0.0,
        n_iter=1,
        cfg_scale="7.0",
        styles=["None"],
    )
    assert len(answer["images"]) == 1


def test_text_generation_webui_sends_the_scale_as_text(api: Api) -> None:
    assert len(api.draw(hr_scale="1.0", hr_upscaler="", enable_hr=False, cfg_scale=7)["images"]) == 1


def test_sdwebuiapi_names_built_in_scripts_and_nulls(api: Api) -> None:
    answer = api.draw(
        hr_checkpoint_name=None, hr_sampler_name=None, script_name=None, script_args=[], alwayson_scripts={"Seed": {"args": []}}, eta=1.0
    )
    assert {"images", "parameters", "info"} == set(answer)
    assert set(api.get("memory").json()) == {"ram", "cuda"}


def test_a_payload_copied_from_a1111s_page_names_all_its_built_in_scripts(api: Api) -> None:
    empty = {title: {"args": []} for title in ("API payload", "Comments", "Extra options", "Hypertile", "Seed")}
    copied = {"Refiner": {"args": [False, "", 0.8]}, "Sampler": {"args": [20, "Euler", "Automatic"]}}
    comments = info_of(api.draw(alwayson_scripts={**empty, **copied}))["comments"]
    assert [comment for comment in comments if "do nothing over the API" in comment] == [
        "The arguments of the script 'Refiner' do nothing over the API; use refiner_checkpoint and refiner_switch_at.",
        "The arguments of the script 'Sampler' do nothing over the API; use steps, sampler_name and scheduler.",
    ]


def test_hypertile_is_said_not_to_be_there(api: Api) -> None:
    comments = info_of(api.draw(alwayson_scripts={"Hypertile": {"args": [True]}}))["comments"]
    assert "The arguments of the script 'Hypertile' do nothing: it is not there." in comments
    assert not any("override_settings" in comment for comment in comments)
    comments = info_of(api.draw(override_settings={"hypertile_enable_unet": True}))["comments"]
    assert any("Hypertile is not there" in comment for comment in comments)

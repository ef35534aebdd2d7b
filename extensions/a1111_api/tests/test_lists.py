"""Settings, lists, metadata and facts about the program."""

from __future__ import annotations

import base64
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from extensions.a1111_api.tests.conftest import Api, running_api

INFOTEXT = "a cat\nNegative prompt: dog\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 5, Size: 64x48"


def _png(**texts: str) -> str:
    info, buffer = PngInfo(), BytesIO()
    for key, text in texts.items():
        info.add_text(key, text)
    Image.new("RGB", (8, 8)).save(buffer, "PNG", pnginfo=info)
    return base64.b64encode(buffer.getvalue()).decode()


# --- settings ---


def test_options_name_the_checkpoint_in_use(api: Api) -> None:
    options = api.get("options").json()
    assert options["sd_model_checkpoint"].startswith("first.safetensors")
    assert options["samples_format"] == "png"


def test_the_whole_list_can_be_sent_back_with_one_change(fresh_api: Api) -> None:
    options = fresh_api.get("options").json()
    answer = fresh_api.post("options", {**options, "jpeg_quality": "90", "an_option_of_a1111": 1, "api_useragent": "x"})
    assert (answer.status_code, answer.json()) == (200, None)
    assert fresh_api.get("options").json() == {**options, "jpeg_quality": 90}


def test_options_that_all_do_not_exist_are_refused(api: Api) -> None:
    answer = api.post("options", {"foo": 1})
    assert answer.status_code == 422 and answer.json()["field"] == "foo"
    assert api.post("options", {}).status_code == api.post("options", {"api_useragent": "x"}).status_code == 200


def test_a_new_checkpoint_is_loaded_when_the_answer_comes(fresh_api: Api) -> None:
    assert fresh_api.post("options", {"sd_model_checkpoint": "second"}).status_code == 200
    assert fresh_api.get("options").json()["sd_model_checkpoint"].startswith("second.safetensors")
    assert [job.kind for job in fresh_api.worker.jobs] == ["load_checkpoint"]
    assert fresh_api.get("progress").json()["state"]["job_count"] == 0


@pytest.mark.parametrize(("key", "value"), [("sd_model_checkpoint", "nowhere"), ("sd_model_checkpoint", 5), ("jpeg_quality", 500)])
def test_bad_options_are_refused_named_and_change_nothing(api: Api, key: str, value: Any) -> None:
    before = api.get("options").json()
    answer = api.post("options", {"samples_save": False, key: value})
    assert answer.status_code == 422 and answer.json()["field"] == key
    assert api.get("options").json() == before


def test_a_checkpoint_that_cannot_be_loaded_leaves_the_one_before(fresh_api: Api) -> None:
    path = fresh_api.host.paths.models / "Stable-diffusion" / "second.safetensors"
    data = path.read_bytes()
    path.write_bytes(data[:8] + data[8:].replace(b"tiny.context.bias", b"tiny.context.bite"))
    fresh_api.post("refresh-checkpoints")
    answer = fresh_api.post("options", {"sd_model_checkpoint": "second"})
    assert answer.status_code == 422 and "second.safetensors" in answer.json()["detail"]
    assert fresh_api.get("options").json()["sd_model_checkpoint"].startswith("first.safetensors")


# --- lists ---


def test_checkpoints(api: Api) -> None:
    models = api.get("sd-models").json()
    assert [model["model_name"] for model in models] == ["first", "second"]
    assert set(models[0]) == {"title", "model_name", "hash", "sha256", "filename", "config"}
    assert models[0]["filename"].endswith("first.safetensors") and models[0]["config"] is None


def test_new_files_are_listed_after_a_refresh(fresh_api: Api) -> None:
    folder = fresh_api.host.paths.models / "Stable-diffusion"
    (folder / "sub").mkdir()
    (folder / "sub" / "third.safetensors").write_bytes((folder / "first.safetensors").read_bytes())
    answer = fresh_api.post("refresh-checkpoints")
    assert (answer.status_code, answer.json()) == (200, None)
    assert "sub_third" in [model["model_name"] for model in fresh_api.get("sd-models").json()]


def test_samplers_and_schedulers(api: Api) -> None:
    samplers = {item["name"]: item for item in api.get("samplers").json()}
    assert samplers["DPM++ 2M"] == {"name": "DPM++ 2M", "aliases": ["k_dpmpp_2m"], "options": {"scheduler": "karras"}}
    assert samplers["Euler a"]["options"] == {"uses_ensd": "True"}
    schedulers = api.get("schedulers").json()
    assert [item["label"] for item in schedulers][:3] == ["Automatic", "Uniform", "Karras"]
    assert set(schedulers[0]) == {"name", "label", "aliases", "default_rho", "need_inner_model"}


# --- metadata ---


def test_png_info_of_bare_base64_and_of_a_data_address(api: Api) -> None:
    text = _png(parameters=INFOTEXT, extras="sharpened")
    for sent in (text, f"data:image/png;base64,{text}"):
        answer = api.post("png-info", {"image": sent}).json()
        assert answer["info"] == INFOTEXT and answer["items"] == {"extras": "sharpened"}
        assert answer["parameters"]["Seed"] == "5" and answer["parameters"]["RNG"] == "GPU"


def test_png_info_of_a_picture_that_was_just_drawn(api: Api) -> None:
    drawn = api.draw(seed=31, negative_prompt="dog")
    parameters = api.post("png-info", {"image": drawn["images"][0]}).json()["parameters"]
    assert (parameters["Prompt"], parameters["Negative prompt"], parameters["Seed"], parameters["Steps"]) == ("a cat", "dog", "31", "2")


def test_png_info_of_a_picture_without_parameters(api: Api) -> None:
    answer = api.post("png-info", {"image": _png(workflow="{}")}).json()
    assert answer["info"] == "" and answer["items"] == {"workflow": "{}"}


@pytest.mark.parametrize("image", ["", "%%%", "aGVsbG8=", "http://127.0.0.1/x.png", "data:image/png;base64,"])
def test_png_info_refuses_what_is_no_picture(api: Api, image: str) -> None:
    answer = api.post("png-info", {"image": image})
    assert answer.status_code == 422 and answer.json()["field"] == "image"


def test_png_info_without_an_image(api: Api) -> None:
    assert api.post("png-info", {"image": None}).status_code == api.post("png-info", {}).status_code == 422


# --- the program ---


def test_flags_show_no_secret(api: Api) -> None:
    answer = api.get("cmd-flags")
    flags = answer.json()
    assert "pw1" not in answer.text and flags["gradio_auth"] == "***"
    assert flags["port"] == 7860 and flags["data_dir"] == str(api.host.paths.data) and flags["api"] is True


def test_flags_that_were_not_given_are_there_as_well(api: Api) -> None:
    flags = api.get("cmd-flags").json()
    assert (flags["lowvram"], flags["xformers"]) == (False, False)
    assert (flags["hypernetwork_dir"], flags["vae_path"]) == (None, None)


def test_what_a_client_did_wrong_has_a1111s_name(api: Api) -> None:
    for answer in (api.post("img2img", {}), api.post("options", {"jpeg_quality": 1000}), api.post("png-info", {"image": "x"})):
        assert answer.status_code in (404, 422)
        assert answer.json()["error"] == "HTTPException" and {"detail", "body", "errors"} < set(answer.json())
    assert api.client.get("/paintbox/v1/jobs/none").json()["error"] == "NotFoundError"


def test_the_app_id_stays_the_same_while_the_program_runs(api: Api) -> None:
    first = api.client.get("/app_id").json()
    assert isinstance(first["app_id"], int) and api.client.get("/app_id").json() == first


def test_memory(api: Api) -> None:
    ram = api.get("memory").json()["ram"]
    assert 0 < ram["used"] <= ram["total"] and 0 < ram["free"] <= ram["total"]


def test_unknown_routes_and_time_header(api: Api) -> None:
    assert api.get("nothing-here").status_code == 404
    assert float(api.get("samplers").headers["x-process-time"]) >= 0


def test_upscalers_of_pictures_and_of_latents(tmp_path: Path) -> None:
    with running_api(tmp_path / "data", "hires_fix") as api:
        upscalers = api.get("upscalers").json()
        assert upscalers[1] == {"name": "Lanczos", "model_name": None, "model_path": None, "model_url": None, "scale": 4}
        assert [item["name"] for item in upscalers] == ["None", "Lanczos", "Nearest"]
        assert api.get("latent-upscale-modes").json()[3] == {"name": "Latent (bicubic antialiased)"}

"""The PyPI client ``webuiapi`` against the whole program with the demo checkpoint: every call of its own surface."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import webuiapi
from PIL import Image, ImageDraw

from app.paths import CHECKOUT
from tests.e2e.server import running_program

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

DEMO = "paintbox-demo"
SMALL: dict[str, Any] = {"width": 64, "height": 64, "steps": 1, "seed": 5}
PICTURE = Image.new("RGB", (64, 64), "orange")
MASK = Image.new("L", (64, 64), 0)
ImageDraw.Draw(MASK).rectangle((0, 0, 31, 63), fill=255)


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webuiapi.WebUIApi]:
    flags = ("--models-dir", str(CHECKOUT / "models"), "--api-auth", "me:pw", "--no-hashing")
    with running_program(tmp_path_factory.mktemp("webuiapi"), *flags) as program:
        yield webuiapi.WebUIApi(baseurl=f"{program.url}/sdapi/v1", username="me", password="pw", sampler="Euler a", steps=1)


def drawn(result: Any, count: int = 1, size: tuple[int, int] = (64, 64)) -> bool:
    return [image.size for image in result.images] == [size] * count


def refused(call: Callable[[], object], status: int, said: str) -> bool:
    with pytest.raises(RuntimeError) as caught:
        call()
    return caught.value.args[0] == status and said in caught.value.args[1]


def names(listed: Any, key: str = "name") -> set[str]:
    return {item[key] for item in listed}


CALLS: dict[str, Callable[[Any], object]] = {
    "txt2img": lambda api: drawn(api.txt2img(prompt="day, mountain", **SMALL)) and api.txt2img(**SMALL).info["all_seeds"] == [5],
    "txt2img_of_several": lambda api: drawn(api.txt2img(prompt="day", batch_size=2, n_iter=1, tiling=True, **SMALL), count=2),
    "txt2img_with_hires_fix": lambda api: drawn(
        api.txt2img(prompt="day", enable_hr=True, hr_scale=1.5, hr_upscaler=webuiapi.HiResUpscaler.Latent, **SMALL), size=(96, 96)
    ),
    "txt2img_with_settings": lambda api: api.txt2img(override_settings={"CLIP_stop_at_last_layers": 2}, **SMALL).info["clip_skip"] == 2,
    "img2img": lambda api: drawn(api.img2img(images=[PICTURE], prompt="night", denoising_strength=0.5, **SMALL)),
    "img2img_with_mask": lambda api: (
        api.img2img(images=[PICTURE], mask_image=MASK, inpainting_fill=1, inpaint_full_res=False, mask_blur=0, **SMALL).image.getpixel(
            (60, 32)
        )
        == (255, 165, 0)
    ),
    "extra_single_image": lambda api: drawn(api.extra_single_image(PICTURE, upscaler_1="Lanczos", upscaling_resize=2), size=(128, 128)),
    "extra_batch_images": lambda api: drawn(
        api.extra_batch_images([PICTURE, PICTURE], upscaler_1="Lanczos", upscaling_resize=2), count=2, size=(128, 128)
    ),
    "png_info": lambda api: api.png_info(api.txt2img(prompt="day", **SMALL).image).info.startswith("day\nSteps: 1"),
    "interrogate": lambda api: refused(lambda: api.interrogate(PICTURE), 404, "Model not found"),
    "interrupt": lambda api: api.interrupt() == {},
    "skip": lambda api: api.skip() is None,
    "get_options": lambda api: "sd_model_checkpoint" in api.get_options(),
    "set_options": lambda api: api.set_options({"s_noise": 1.0}) is None and api.set_options(api.get_options()) is None,
    "get_cmd_flags": lambda api: api.get_cmd_flags()["api"] is True,
    "get_progress": lambda api: api.get_progress()["state"]["job_count"] == 0,
    "get_samplers": lambda api: "DPM++ 2M" in names(api.get_samplers()),
    "get_schedulers": lambda api: "karras" in names(api.get_schedulers()),
    "get_sd_vae": lambda api: isinstance(names(api.get_sd_vae(), "model_name"), set),
    "get_upscalers": lambda api: "Lanczos" in names(api.get_upscalers()),
    "get_latent_upscale_modes": lambda api: "Latent" in names(api.get_latent_upscale_modes()),
    "get_loras": lambda api: all("path" in lora for lora in api.get_loras()),
    "get_sd_models": lambda api: DEMO in names(api.get_sd_models(), "model_name"),
    "get_hypernetworks": lambda api: all("path" in item for item in api.get_hypernetworks()),
    "get_face_restorers": lambda api: isinstance(names(api.get_face_restorers()), set),
    "get_realesrgan_models": lambda api: isinstance(names(api.get_realesrgan_models()), set),
    "get_prompt_styles": lambda api: isinstance(names(api.get_prompt_styles()), set),
    "refresh_checkpoints": lambda api: api.refresh_checkpoints() is None,
    "get_scripts": lambda api: {"txt2img", "img2img"} <= set(api.get_scripts()),
    "get_embeddings": lambda api: set(api.get_embeddings()) == {"loaded", "skipped"},
    "get_memory": lambda api: api.get_memory()["ram"]["total"] > 0,
    "custom_get": lambda api: api.custom_get("samplers", baseurl=True) == api.get_samplers(),
    "custom_post": lambda api: drawn(api.custom_post("txt2img", payload={"prompt": "day", **SMALL}, baseurl=True)),
    "util_get_model_names": lambda api: any(title.startswith(DEMO) for title in api.util_get_model_names()),
    "util_get_sampler_names": lambda api: "Euler a" in api.util_get_sampler_names(),
    "util_get_scheduler_names": lambda api: "automatic" in api.util_get_scheduler_names(),
    "util_set_model": lambda api: api.util_set_model("paintbox demo") is None and api.util_get_current_model().startswith(DEMO),
    "util_wait_for_ready": lambda api: api.util_wait_for_ready(check_interval=0.1) is None,
}


@pytest.mark.parametrize("name", list(CALLS))
def test_a_call_of_the_client_is_answered(api: webuiapi.WebUIApi, name: str) -> None:
    assert CALLS[name](api)


def test_every_call_of_the_client_is_tried() -> None:
    own = {name for name in vars(webuiapi.WebUIApi) if not name.startswith("_") and callable(getattr(webuiapi.WebUIApi, name))}
    inner = {"set_auth", "check_extensions", "post_and_get_api_result", "async_post", "get_endpoint", "util_get_current_model"}
    gone = {"get_artists", "get_artist_categories", "list_prompt_gen_models", "prompt_gen"}
    controlnet = {name for name in own if name.startswith("controlnet_")}
    assert own - inner - gone - controlnet == {name for name in CALLS if not name.startswith(("txt2img_", "img2img_"))}

"""Drawing from pictures over the API."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from app.testing.hosts import temporary_host
from app.testing.web import running_client, with_tiny_worker
from extensions.a1111_api.tests.conftest import FLAGS, Api, info_of

EXTENSIONS = ("a1111_api", "soft_inpainting", "samplers", "noise_schedules")


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    folder: Path = tmp_path_factory.mktemp("img2img-api")
    host = temporary_host(folder, EXTENSIONS, options={"nowebui": True, "flags": FLAGS, "secrets": ["pw1"]})
    worker = with_tiny_worker(host, "first.safetensors")
    with running_client(host) as client:
        yield Api(host, client, worker)


def encoded(image: Image.Image, prefix: str = "") -> str:
    data = BytesIO()
    image.save(data, "PNG")
    return prefix + base64.b64encode(data.getvalue()).decode()


def noisy(width: int = 64, height: int = 64) -> Image.Image:
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8))


def draw(api: Api, **body: Any) -> dict[str, Any]:
    answer = api.post(
        "img2img", {"prompt": "a cat", "steps": 4, "seed": 5, "sampler_name": "Euler", "init_images": [encoded(noisy())], **body}
    )
    assert answer.status_code == 200, answer.text
    result: dict[str, Any] = answer.json()
    return result


def pixels(answer: dict[str, Any], index: int = 0) -> Any:
    return np.asarray(Image.open(BytesIO(base64.b64decode(answer["images"][index]))).convert("RGB")).astype(int)


def mask(box: tuple[int, int, int, int] = (24, 24, 40, 40)) -> Image.Image:
    image = Image.new("L", (64, 64))
    image.paste(255, box)
    return image


def test_a_picture_with_and_without_a_prefix(api: Api) -> None:
    plain = draw(api)
    assert "Denoising strength: 0.75" in info_of(plain)["infotexts"][0] and info_of(plain)["denoising_strength"] == 0.75
    prefixed = draw(api, init_images=[encoded(noisy(), "data:image/png;base64,")])
    assert prefixed["images"] == plain["images"]
    assert draw(api, denoising_strength=0.2)["images"] != plain["images"]


def test_the_answer_repeats_pictures_only_when_asked(api: Api) -> None:
    body = {"mask": encoded(mask())}
    assert draw(api, **body)["parameters"]["init_images"] is None and draw(api, **body)["parameters"]["mask"] is None
    parameters = draw(api, include_init_images=True, **body)["parameters"]
    assert parameters["init_images"] == [encoded(noisy())] and parameters["mask"] == encoded(mask())


@pytest.mark.parametrize("body", [{}, {"init_images": None}, {"init_images": []}])
def test_without_pictures_there_is_nothing_to_begin_with(api: Api, body: dict[str, Any]) -> None:
    answer = api.post("img2img", {"prompt": "a cat", **body})
    assert answer.status_code == 404 and "Init image not found" in answer.json()["detail"]


@pytest.mark.parametrize("field", ["init_images", "mask"])
@pytest.mark.parametrize("text", ["@@@", base64.b64encode(b"no picture").decode(), "http://example.com/a.png"])
def test_what_is_no_picture_is_refused_by_the_name_of_its_field(api: Api, field: str, text: str) -> None:
    body = {"init_images": [encoded(noisy())], field: [text] if field == "init_images" else text}
    answer = api.post("img2img", body)
    assert answer.status_code == 422 and answer.json()["field"] == field and field in answer.json()["detail"]


def test_a1111s_defaults_are_only_masked_filled_without_padding(api: Api) -> None:
    answer = draw(api, mask=encoded(mask()))
    text = info_of(answer)["infotexts"][0]
    assert "Mask blur: 4, Inpaint area: Only masked, Masked area padding: 0, Masked content: fill" in text
    changed = (pixels(answer) != np.asarray(noisy())).any(-1)
    assert changed[26:38, 26:38].mean() > 0.9
    changed[12:52, 12:52] = False
    assert not changed.any()


def test_the_blur_of_both_axes_or_of_each(api: Api) -> None:
    body = {"mask": encoded(mask()), "inpaint_full_res": False, "inpainting_fill": 1}
    both, each = draw(api, mask_blur=0, mask_blur_x=9, **body), draw(api, mask_blur_x=0, mask_blur_y=0, **body)
    assert both["images"] == each["images"] and draw(api, mask_blur=2, **body)["images"] != both["images"]
    changed = (pixels(both) != np.asarray(noisy())).any(-1)
    changed[24:40, 24:40] = False
    assert not changed.any()


def test_transparency_is_the_mask_where_there_is_any(api: Api) -> None:
    body = {"inpaint_full_res": False, "inpainting_fill": 1, "mask_blur": 0}
    clear = Image.new("RGBA", (64, 64), (255, 255, 255, 0))
    clear.putalpha(mask())
    assert draw(api, mask=encoded(clear), **body)["images"] == draw(api, mask=encoded(mask()), **body)["images"]


def test_inverting_and_transparent_pictures(api: Api) -> None:
    body = {"mask": encoded(mask()), "inpaint_full_res": False, "mask_blur": 0}
    inverted = pixels(draw(api, inpainting_mask_invert=1, **body))
    assert np.array_equal(inverted[24:40, 24:40], np.asarray(noisy())[24:40, 24:40])
    clear = Image.new("RGBA", (64, 64), (9, 9, 9, 0))
    green = Image.new("RGB", (64, 64), (0, 255, 0))
    on_green = draw(api, init_images=[encoded(clear)], override_settings={"img2img_background_color": "#00ff00"})
    assert np.array_equal(pixels(on_green), pixels(draw(api, init_images=[encoded(green)])))
    assert "Background color: #00ff00" in info_of(on_green)["infotexts"][0]


def test_several_pictures_and_batches(api: Api) -> None:
    two = draw(api, init_images=[encoded(noisy()), encoded(Image.new("RGB", (64, 64), (200, 10, 10)))], batch_size=3, n_iter=2)
    assert len(two["images"]) == 4 and info_of(two)["batch_size"] == 2 and info_of(two)["all_seeds"] == [5, 6, 7, 8]
    one = draw(api, batch_size=2)
    assert np.abs(pixels(one, 1) - pixels(draw(api, seed=6))).max() <= 1
    answer = api.post("img2img", {"init_images": [encoded(noisy())] * 2, "batch_size": 1, "steps": 1})
    assert answer.status_code == 422 and "2 pictures to start from" in answer.json()["detail"]
    assert answer.json()["field"] == "init_images"


def test_sizes_and_resize_modes(api: Api) -> None:
    wide = encoded(noisy(96, 48))
    assert pixels(draw(api, init_images=[wide], width=128, height=70)).shape == (64, 128, 3)
    drawn = [draw(api, init_images=[wide], resize_mode=mode, denoising_strength=0)["images"][0] for mode in range(4)]
    assert len(set(drawn)) == 4


def test_saved_pictures_lie_in_the_folder_of_img2img(api: Api) -> None:
    draw(api, save_images=True)
    assert list((api.host.paths.data / "outputs" / "img2img-images").rglob("*.png"))


def test_an_infotext_fills_what_was_not_sent(api: Api) -> None:
    text = "a dog\nSteps: 3, Sampler: Euler, CFG scale: 5, Seed: 9, Size: 64x64"
    text += ", Denoising strength: 0.4, Mask blur: 2, Masked content: latent noise"
    body = {"init_images": [encoded(noisy())], "mask": encoded(mask()), "infotext": text, "steps": 2}
    info = json.loads(api.post("img2img", body).json()["info"])
    assert info["infotexts"][0].startswith("a dog\nSteps: 2, Sampler: Euler") and info["seed"] == 9
    assert "Denoising strength: 0.4, " in info["infotexts"][0] and "Mask blur: 2, Masked content: latent noise" in info["infotexts"][0]


def test_the_canvas_is_extended(api: Api) -> None:
    answer = draw(api, outpaint_left=32, mask_blur=1)
    assert pixels(answer).shape == (64, 96, 3)
    assert np.array_equal(pixels(answer)[:, 48:], np.asarray(noisy())[:, 16:])


def test_numbers_out_of_range_are_refused_and_txt2img_knows_none_of_it(api: Api) -> None:
    for field, value in (("denoising_strength", 1.5), ("resize_mode", 7), ("inpainting_fill", "x"), ("mask_blur", -1)):
        assert api.post("img2img", {"init_images": [encoded(noisy())], field: value}).status_code == 422
    answer = api.draw(init_images=["@@@"], mask="@@@", denoising_strength=0.3)
    assert "Denoising strength" not in info_of(answer)["infotexts"][0]


def test_soft_inpainting_by_the_arguments_of_a1111s_script(api: Api) -> None:
    body = {"mask": encoded(mask()), "inpaint_full_res": False}
    answer = draw(api, alwayson_scripts={"soft inpainting": {"args": [True, 1, 0.5, 4, 0, 0.25]}, "Seed": {"args": []}}, **body)
    text = info_of(answer)["infotexts"][0]
    assert "Soft inpainting enabled: True" in text and "difference threshold: 0.25, Soft inpainting difference contrast: 2" in text
    assert answer["images"] != draw(api, **body)["images"]
    for wrong in ({"nothing": {"args": []}}, {"soft inpainting": {}}, {"soft inpainting": {"args": ["perhaps"]}}):
        refused = api.post("img2img", {"init_images": [encoded(noisy())], "alwayson_scripts": wrong})
        assert refused.status_code == 422


def test_an_infotext_reaches_what_a1111_has_as_scripts(api: Api) -> None:
    said = ", Soft inpainting enabled: True, Soft inpainting difference threshold: 0.25"
    body = {"mask": encoded(mask()), "inpaint_full_res": False, "infotext": f"a dog\nSteps: 3, Sampler: Euler, CFG scale: 5{said}"}
    text = info_of(draw(api, **body))["infotexts"][0]
    assert said.removeprefix(", ").partition(",")[0] in text and "difference threshold: 0.25" in text
    sent = draw(api, alwayson_scripts={"soft inpainting": {"args": {"enabled": False}}}, **body)
    assert "Soft inpainting" not in info_of(sent)["infotexts"][0]


def test_masks_come_after_the_pictures_where_the_settings_say_so(api: Api) -> None:
    body = {"mask": encoded(mask()), "inpaint_full_res": False, "batch_size": 2}
    plain = draw(api, **body)
    answer = draw(api, **body, override_settings={"return_mask": True, "return_mask_composite": True})
    assert len(plain["images"]) == 2 and len(answer["images"]) == 6
    assert answer["images"][:2] == plain["images"]
    assert (pixels(answer, 2)[28:36, 28:36] == 255).all() and (pixels(answer, 2)[:8] == 0).all()
    assert len(info_of(answer)["infotexts"]) == 6 and len(info_of(answer)["all_seeds"]) == 2

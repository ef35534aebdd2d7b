"""A1111's requests for finished pictures."""

from __future__ import annotations

import asyncio
import base64

import pytest

from app.api import JobState
from extensions.extras.sdapi import ExtrasFailedError, SingleBody, ended, submit

from .conftest import Extras, encoded, opened, png


def test_a_single_picture_is_enlarged_and_not_kept(extras: Extras) -> None:
    body = {"image": f"data:image/png;base64,{encoded(png())}", "upscaler_1": "Nearest", "upscaling_resize": 3}
    answer = extras.client.post("/sdapi/v1/extra-single-image", json=body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["html_info"] == "<p>Postprocess upscale by: 3, Postprocess upscaler: Nearest</p>"
    picture = opened(base64.b64decode(answer.json()["image"]))
    assert picture.size == (48, 48)
    assert picture.text["parameters"].startswith("a cat")
    assert not (extras.folder / "outputs/extras-images").exists()
    assert not list((extras.folder / "tmp/spool").rglob("*.png"))


def test_to_a_size_with_and_without_cutting(extras: Extras) -> None:
    body = {"image": encoded(png((16, 32))), "upscaler_1": "Lanczos", "resize_mode": 1, "upscaling_resize_w": 64, "upscaling_resize_h": 64}
    cut = extras.client.post("/sdapi/v1/extra-single-image", json=body).json()
    assert opened(base64.b64decode(cut["image"])).size == (64, 64)
    assert "Postprocess upscale to: 64x64, Postprocess crop to: 64x64" in cut["html_info"]
    whole = extras.client.post("/sdapi/v1/extra-single-image", json={**body, "upscaling_crop": False}).json()
    assert opened(base64.b64decode(whole["image"])).size == (64, 128)


def test_fields_that_nobody_knows_are_named(extras: Extras) -> None:
    answer = extras.client.post(
        "/sdapi/v1/extra-single-image", json={"image": encoded(png()), "upscaler_one": "<b>", "image_list": []}
    ).json()
    assert answer["html_info"] == "<p>Unknown fields were ignored: upscaler_one.</p>"


def test_without_upscalers_the_picture_comes_back(extras: Extras) -> None:
    answer = extras.client.post("/sdapi/v1/extra-single-image", json={"image": encoded(png())}).json()
    assert opened(base64.b64decode(answer["image"])).size == (16, 16)


def test_a_picture_of_several_that_is_none_is_named(extras: Extras) -> None:
    for data in ("!", base64.b64encode(b"no picture").decode()):
        pictures = [{"data": encoded(png()), "name": "good.png"}, {"data": data, "name": "bad.png"}]
        answer = extras.client.post("/sdapi/v1/extra-batch-images", json={"imageList": pictures})
        assert (answer.status_code, answer.json()["field"]) == (422, "imageList.1.data"), answer.text
        assert answer.json()["detail"].startswith("Picture 2 (bad.png): ")
    assert extras.client.post("/sdapi/v1/extra-single-image", json={"image": "!"}).json()["field"] == "image"


def test_several_pictures(extras: Extras) -> None:
    pictures = [{"data": encoded(png((size, 8))), "name": f"folder/{size}.png"} for size in (8, 16)]
    body = {"imageList": pictures, "upscaler_1": "Lanczos", "upscaler_2": "Nearest", "extras_upscaler_2_visibility": 0.5}
    answer = extras.client.post("/sdapi/v1/extra-batch-images", json=body)
    assert answer.status_code == 200, answer.text
    assert [opened(base64.b64decode(image)).size for image in answer.json()["images"]] == [(16, 16), (32, 16)]
    assert "Postprocess upscaler 2: Nearest" in answer.json()["html_info"]


def test_what_cannot_be_is_refused_by_the_name_of_the_field(extras: Extras) -> None:
    def refused(**body: object) -> tuple[int, str]:
        answer = extras.client.post("/sdapi/v1/extra-single-image", json={"image": encoded(png()), **body})
        return answer.status_code, answer.json().get("field", "")

    assert refused(upscaler_1="ESRGAN_9x") == (422, "upscaler_1")
    assert refused(upscaler_1="Lanczos", upscaler_2="nobody") == (422, "upscaler_2")
    assert refused(gfpgan_visibility=2) == (422, "")
    assert refused(codeformer_visibility=0.5) == (200, "")
    assert refused(image="no picture") == (422, "image")
    assert refused(image="http://127.0.0.1/cat.png") == (422, "image")
    assert refused(upscaling_resize=0)[0] == 422
    assert refused(upscaler_1="Lanczos", upscaling_resize=60, image=encoded(png((400, 400)))) == (422, "upscaling_resize")


def test_a_client_that_goes_away_takes_its_job_along(extras: Extras) -> None:
    async def gone() -> bool:
        asyncio.get_running_loop().call_later(5, extras.worker.hold.set)
        return True

    extras.worker.hold.clear()
    job = submit(SingleBody(), [(encoded(png()), "image")], "", extras.host)
    with pytest.raises(ExtrasFailedError):
        asyncio.run(ended(extras.host, job.id, gone))
    assert extras.host.jobs.get(job.id).state is JobState.CANCELLED

"""The img2img form's values become a request."""

from __future__ import annotations

import json

import pytest

from app.api import GenerationRequest, UserError
from extensions.img2img.batch_kind import Img2ImgBatch
from extensions.img2img.params import Img2ImgParams
from extensions.img2img.request import kind_of, make_img2img_request

FORM = {
    "prompt": "a boat", "negative_prompt": "", "sampler": "Euler", "scheduler": "Automatic", "steps": 20, "cfg_scale": 7, "width": 512,
    "height": 512, "seed": -1, "batch_count": 1, "batch_size": 1, "params.tiling.tiling": True, "mode": "img2img", "resize_tab": "to",
    "params.img2img.resize_mode": 2, "params.img2img.denoising_strength": 0.5, "params.img2img.mask_blur_x": 7,
    "params.img2img.mask_transparency": 10, "params.img2img.inpainting_mask_invert": True, "params.img2img.inpainting_fill": 2,
    "params.img2img.inpaint_full_res": True, "params.img2img.inpaint_full_res_padding": 16, "params.img2img.scale": 1.5,
    "params.img2img.image_cfg_scale": 1.2, "canvas.img2img_image.picture": "start", "canvas.img2img_sketch.picture": "plain",
    "canvas.img2img_sketch.painted": "sketched", "canvas.img2maskimg.picture": "start", "canvas.img2maskimg.painted": "mask",
    "canvas.img2maskimg.extend": "64,0,0,8", "canvas.inpaint_sketch.picture": "plain", "canvas.inpaint_sketch.painted": "coloured",
    "canvas.img_inpaint_base.picture": "base", "canvas.img_inpaint_mask.picture": "uploaded mask",
}  # fmt: skip
PLAIN = {"resize_mode": 2, "denoising_strength": 0.5}
INPAINT = {
    **PLAIN, "mask_blur_x": 7, "mask_blur_y": 7, "inpainting_mask_invert": True, "inpainting_fill": 2, "inpaint_full_res": True,
    "inpaint_full_res_padding": 16,
}  # fmt: skip


def asked(**changes):
    """What is asked of img2img; it must be a valid request."""
    request = GenerationRequest.model_validate(make_img2img_request({**FORM, **changes}))
    assert request.params["tiling"] == {"tiling": True}
    Img2ImgParams.model_validate(request.params["img2img"])
    return request.params["img2img"]


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("img2img", {**PLAIN, "init_images": ["start"]}),
        ("sketch", {**PLAIN, "init_images": ["sketched"]}),
        ("inpaint", {**INPAINT, "init_images": ["start"], "mask": "mask", "outpaint_left": 64, "outpaint_down": 8}),
        ("inpaint_sketch", {**INPAINT, "init_images": ["plain"], "sketch": "coloured", "mask_transparency": 10}),
        ("inpaint_upload", {**INPAINT, "init_images": ["base"], "mask": "uploaded mask"}),
    ],
)
def test_each_mode_asks_for_what_is_its_own(mode, expected):
    assert asked(mode=mode) == expected


def test_a_sketch_without_a_stroke_starts_from_the_picture():
    assert asked(mode="sketch", **{"canvas.img2img_sketch.painted": ""})["init_images"] == ["plain"]


def test_extending_needs_no_mask():
    wanted = asked(mode="inpaint", **{"canvas.img2maskimg.painted": ""})
    assert "mask" not in wanted and wanted["outpaint_left"] == 64


def test_resize_by_and_image_cfg_count_where_they_are_shown():
    assert asked(resize_tab="by")["scale"] == 1.5
    assert asked(image_cfg_shown="yes")["image_cfg_scale"] == 1.2


@pytest.mark.parametrize(
    ("mode", "emptied", "field", "words"),
    [
        ("img2img", "canvas.img2img_image.picture", "init_images", "no picture"),
        ("inpaint", "canvas.img2maskimg.picture", "init_images", "no picture"),
        ("inpaint_sketch", "canvas.inpaint_sketch.painted", "mask", "Nothing is painted"),
        ("inpaint_upload", "canvas.img_inpaint_mask.picture", "mask", "no mask"),
    ],
)
def test_what_is_missing_is_named(mode, emptied, field, words):
    with pytest.raises(UserError, match=words) as caught:
        make_img2img_request({**FORM, "mode": mode, emptied: ""})
    assert caught.value.field == field


BATCH = {
    **FORM, "mode": "batch", "batch.source": "upload", "batch.uploads": json.dumps([{"ref": "r", "name": "one.png"}]),
    "batch.input_dir": " in ",
    "batch.output_dir": "out", "batch.mask_dir": "masks", "batch.use_png_info": True, "batch.png_info_dir": "",
    "batch.png_info_fields": ["Prompt"],
}  # fmt: skip


def test_a_batch_is_a_job_of_its_own_kind():
    assert (kind_of(FORM), kind_of(BATCH)) == ("generate", "img2img_batch")
    uploaded = Img2ImgBatch.model_validate(make_img2img_request(BATCH))
    assert (uploaded.uploads[0].name, uploaded.input_dir, uploaded.use_png_info) == ("one.png", "", True)
    assert uploaded.request.params["img2img"] == PLAIN
    folder = Img2ImgBatch.model_validate(make_img2img_request({**BATCH, "batch.source": "dir"}))
    assert (folder.uploads, folder.input_dir, folder.output_dir, folder.mask_dir) == ((), "in", "out", "masks")
    assert folder.request.params["img2img"] == INPAINT


@pytest.mark.parametrize(("source", "emptied", "field"), [("upload", "batch.uploads", "uploads"), ("dir", "batch.input_dir", "input_dir")])
def test_an_empty_batch_is_named(source, emptied, field):
    with pytest.raises(UserError) as caught:
        make_img2img_request({**BATCH, "batch.source": source, emptied: ""})
    assert caught.value.field == field

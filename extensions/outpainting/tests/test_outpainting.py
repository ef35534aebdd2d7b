"""Both scripts extend a picture: sizes, what stays as it was, the noise of the new part, and what seeds decide."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from app.api import GenerationRequest, ScriptRequest, UserError, params_of_arguments, parse_infotext
from app.testing.drawing import drawing_host, pixels_of, put_picture
from app.testing.runs import RecordingRun, ScriptedControl
from extensions.outpainting.extension import Extension
from extensions.outpainting.mk2 import SideStep
from extensions.outpainting.noise import matched_noise
from extensions.outpainting.params import Mk2Params

FIELDS = {"prompt": "tree", "steps": 2, "sampler": "Euler", "width": 128, "height": 128, "seed": 7}
GRADIENT = Image.linear_gradient("L").resize((128, 96)).convert("RGB")
MK2, POOR = "outpainting_mk_2", "poor_mans_outpainting"


@pytest.fixture
def host(tmp_path):
    with drawing_host(tmp_path, "outpainting", "a1111_infotext") as made:
        yield made


def run(host, script, own=None, control=None, fields=None, **params):
    start = {"init_images": [put_picture(host, GRADIENT)], "denoising_strength": 0.8, **(own or {})}
    request = GenerationRequest.model_validate({**FIELDS, **(fields or {}), "params": {"img2img": start}})
    kind = host.job_kinds.get("script")
    job = ScriptRequest(script=script, form="img2img", request=request, params=params)
    kind.check(job)
    return kind.run(RecordingRun(host, None, control), job)


@pytest.mark.parametrize(
    ("size", "pixels", "sides", "found"),
    [
        ((512, 512), 128, ("left",), (128, 0, 0, 0)),
        ((500, 512), 128, ("left", "right"), (134, 134, 0, 0)),
        ((500, 300), 8, ("right", "up"), (0, 12, 20, 0)),
        ((512, 512), 64, ("up", "down"), (0, 0, 64, 64)),
    ],
)
def test_how_far(size, pixels, sides, found):
    extension = Extension.of(size, pixels, sides)
    assert (extension.left, extension.right, extension.up, extension.down) == found
    assert all(side % 64 == 0 or side == before for side, before in zip(extension.whole, size, strict=True))


@pytest.mark.parametrize(("side", "place"), [("left", (64, 0)), ("right", (0, 0)), ("up", (0, 32)), ("down", (0, 0))])
def test_mk2_extends_a_side_and_keeps_the_rest(host, side, place):
    (image,) = run(host, MK2, direction=[side], pixels=64 if side in ("left", "right") else 32, mask_blur=2).images
    drawn = pixels_of(image)
    assert (image.width_px, image.height_px) == ((192, 96) if side in ("left", "right") else (128, 128))
    kept = drawn[place[1] : place[1] + 96, place[0] : place[0] + 128]
    before = np.asarray(GRADIENT).astype(int)
    inner = {"left": np.s_[:, 40:], "right": np.s_[:, :-40], "up": np.s_[40:], "down": np.s_[:-40]}[side]
    assert np.abs(kept[inner] - before[inner]).max() <= 1
    assert image.kind == "sample" and "Script: Outpainting mk2" in image.infotext and "Outpainting mask blur: 2" in image.infotext


@pytest.mark.parametrize("side", ["left", "right", "up", "down"])
def test_nothing_of_the_noise_is_in_the_result_and_what_was_there_passes_into_what_is_new(side):
    step = SideStep(Image.new("RGB", (96, 96), (100, 100, 100)), side, 32, Mk2Params(mask_blur=8), GenerationRequest(width=128, height=128))
    begin, mask = step.prepared(3)
    part = mask.crop(step.box)
    kept = begin.crop(step.box)
    kept.paste(Image.new("RGB", part.size, (200, 200, 200)), mask=part)
    result = np.asarray(step.finished(kept), dtype=int)[..., 0]
    line = {"left": result[48], "right": result[48, ::-1], "up": result[:, 48], "down": result[::-1, 48]}[side]
    assert (line[:32] == 200).all() and (line[48:] == 100).all() and (np.diff(line) <= 0).all()
    assert 140 < line[40] < 160
    drawn = {"left": mask.crop((0, 0, 48, 96)), "right": mask.crop((80, 0, 128, 96)), "up": mask.crop((0, 0, 96, 48))}
    assert drawn.get(side, mask.crop((0, 80, 96, 128))).getextrema() == (255, 255), "latents with noise in them are all drawn"


def test_an_infotext_brings_the_fields_back(host):
    (image,) = run(host, MK2, direction=["left", "down"], pixels=32, noise_q=1.5).images
    params = Mk2Params.model_validate(Mk2Params.read_infotext(parse_infotext(image.infotext), host))
    assert (params.direction, params.pixels, params.noise_q, params.mask_blur) == (("left", "down"), 32, 1.5, 8)


def test_mk2_goes_on_side_after_side_and_picture_after_picture(host):
    first, second = run(host, MK2, fields={"batch_count": 2}, pixels=32, mask_blur=0).images
    assert (first.width_px, first.height_px) == (192, 192) and (first.seed, second.seed) == (7, 8)
    assert not np.array_equal(pixels_of(first), pixels_of(second))
    assert np.abs(pixels_of(first)[48:144, 32:160] - np.asarray(GRADIENT)).max() <= 1
    again, _ = run(host, MK2, fields={"batch_count": 2}, pixels=32, mask_blur=0).images
    assert np.array_equal(pixels_of(again), pixels_of(first))


def test_mk2_shows_what_there_is_after_an_interrupt(host):
    (image,) = run(host, MK2, control=ScriptedControl(stop_at=10), pixels=32, mask_blur=0).images
    assert image.width_px > 128 and image.height_px < 192


@pytest.mark.parametrize("fill", ["fill", "latent noise"])
def test_poor_mans_outpainting(host, fill):
    (image,) = run(host, POOR, pixels=32, mask_blur=1, direction=["left", "down"], inpainting_fill=fill).images
    assert (image.width_px, image.height_px) == (192, 128)
    assert np.abs(pixels_of(image)[:80, 80:] - np.asarray(GRADIENT).astype(int)[:80, 16:]).max() <= 1
    assert pixels_of(image)[:, :48].std() > 0 and "Script: Poor man's outpainting" in image.infotext


def test_only_tiles_over_the_edges_are_drawn(host):
    result = run(host, POOR, fields={"width": 64, "height": 64}, pixels=16, direction=["right"], mask_blur=0)
    assert result.info["cells"] == 4  # of eight: two columns reach over the right edge
    assert [image.width_px for image in result.images] == [192]


@pytest.mark.parametrize("added_px", [56, 64])
def test_tiles_hardly_larger_than_what_is_added_are_few(host, added_px):
    outcome = run(host, POOR, fields={"width": 64, "height": 64, "steps": 1}, pixels=added_px, direction=["right"], mask_blur=0)
    assert [(image.width_px, image.height_px) for image in outcome.images] == [(192, 96)]
    assert outcome.info["cells"] == 4  # of ten: two columns of five reach over the right edge


def test_the_noise_has_the_picture_s_colours():
    chance = np.random.default_rng(3)
    picture = np.zeros((64, 96, 3))
    picture[:, :64] = chance.random((64, 64, 3)) * 0.2 + [0.6, 0.3, 0.0]
    mask = np.zeros((64, 96))
    mask[:, 64:] = 1
    noisy = matched_noise(picture, mask, 1.0, 0.05, 5)
    assert np.array_equal(noisy[:, :64], picture[:, :64])
    assert np.abs(noisy[:, 64:].mean(axis=(0, 1)) - picture[:, :64].mean(axis=(0, 1))).max() < 0.02
    assert np.abs(noisy[:, 64:].std(axis=(0, 1)) - picture[:, :64].std(axis=(0, 1))).max() < 0.02
    assert np.array_equal(matched_noise(picture, mask, 1.0, 0.05, 5), noisy)
    assert not np.array_equal(matched_noise(picture, mask, 1.0, 0.05, 6), noisy)
    assert np.array_equal(matched_noise(picture, np.ones_like(mask), 1.0, 0.05, 5), picture)


@pytest.mark.parametrize("script", [MK2, POOR])
def test_a_picture_that_would_grow_too_large_is_refused_before_the_job_waits(host, script):
    start = {"init_images": [put_picture(host, Image.new("RGB", (16320, 8)), "bob")]}
    request = GenerationRequest.model_validate({**FIELDS, "params": {"img2img": start}})
    job = ScriptRequest(script=script, form="img2img", request=request, params={"direction": ["right"]})
    with pytest.raises(UserError, match="would have 16448x8 pixels") as error:
        host.job_kinds.get("script").check_owner(job, "bob")
    assert error.value.field == "pixels"


def test_arguments_as_clients_send_them(host):
    given = params_of_arguments(host.scripts.find("Outpainting mk2"), [None, 64, 4, ["left"], 1.5, 0.1], host, "img2img")
    assert given["direction"] == ["left"] and given["noise_q"] == 1.5
    given = params_of_arguments(host.scripts.find("Poor man's outpainting"), [64, 4, 2, ["up"]], host, "img2img")
    assert given["inpainting_fill"] == "latent noise"


@pytest.mark.parametrize("script", [MK2, POOR])
@pytest.mark.parametrize(
    ("own", "params", "told"),
    [
        ({"init_images": []}, {}, "no picture"),
        ({"outpaint_up": 8}, {}, "mask of their own"),
        ({}, {"direction": []}, "No side"),
        ({}, {"direction": ["inwards"]}, "direction"),
        ({}, {"pixels": 4}, "Pixels to expand"),
    ],
)
def test_what_cannot_be_is_refused(host, script, own, params, told):
    with pytest.raises(UserError, match=told):
        run(host, script, own, **params)

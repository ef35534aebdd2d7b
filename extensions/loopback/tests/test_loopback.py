"""Each loop starts from the picture of the one before, with the next seed and the strength of the curve."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from app.api import GenerationRequest, ScriptRequest, UserError, parse_infotext
from app.testing.drawing import drawing_host, pixels_of, put_picture
from app.testing.runs import RecordingRun, draw
from extensions.loopback.loop import denoising_strength
from extensions.loopback.params import LoopbackParams

FIELDS = {"prompt": "tree", "steps": 3, "sampler": "Euler", "width": 64, "height": 64, "seed": 7}


@pytest.fixture
def host(tmp_path):
    with drawing_host(tmp_path, "loopback", "a1111_infotext") as made:
        yield made


@pytest.fixture
def picture(host):
    return put_picture(host, Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)))


def request(picture, own=None, **fields):
    return GenerationRequest.model_validate({**FIELDS, **fields, "params": {"img2img": {"init_images": [picture], **(own or {})}}})


def run(host, asked, **params):
    kind = host.job_kinds.get("script")
    job = ScriptRequest(script="loopback", form="img2img", request=asked, params=params)
    kind.check(job)
    return kind.run(RecordingRun(host), job)


@pytest.mark.parametrize(
    ("curve", "middle"), [("Linear", 0.65), ("Aggressive", 0.8 - 0.3 * np.sin(np.pi / 4)), ("Lazy", 0.8 - 0.3 * (1 - np.cos(np.pi / 4)))]
)
def test_curves(curve, middle):
    params = LoopbackParams(loops=3, final_denoising_strength=0.5, denoising_curve=curve)
    assert [denoising_strength(loop, params, 0.8) for loop in range(3)] == pytest.approx([0.8, middle, 0.5])
    assert denoising_strength(0, LoopbackParams(loops=1), 0.8) == 0.8


def test_each_loop_starts_from_the_last_picture(host, picture):
    result = run(host, request(picture, {"denoising_strength": 0.6}), loops=3, final_denoising_strength=0.2)
    grid, *loops = result.images
    assert grid.kind == "grid" and grid.width_px == 3 * 64 and [image.seed for image in loops] == [7, 8, 9]
    source, strengths = picture, (0.6, 0.4, 0.2)
    for number, (image, strength) in enumerate(zip(loops, strengths, strict=True)):
        alone = draw(RecordingRun(host), request(source, {"denoising_strength": strength}, seed=7 + number))
        assert np.array_equal(pixels_of(alone.images[0]), pixels_of(image))
        source = put_picture(host, Image.open(image.path))


def test_rounds_begin_anew_with_seeds_that_go_on(host, picture):
    result = run(host, request(picture, batch_count=2, batch_size=3), loops=2)
    assert [image.kind for image in result.images] == ["grid", "grid", "sample", "sample", "sample", "sample"]
    assert [image.seed for image in result.images[2:]] == [7, 8, 9, 10]
    alone = draw(RecordingRun(host), request(picture, seed=9))
    assert np.array_equal(pixels_of(alone.images[0]), pixels_of(result.images[4]))


def test_the_mask_stays_and_is_filled_once(host, picture):
    half = np.zeros((64, 64), np.uint8)
    half[:, 32:] = 255
    mask = put_picture(host, Image.fromarray(half))
    own = {"mask": mask, "inpainting_fill": 2, "denoising_strength": 0.9, "mask_blur_x": 0, "mask_blur_y": 0}
    first, second = run(host, request(picture, own), loops=2, final_denoising_strength=0.9).images[1:]
    kept = pixels_of_input(host, picture)[:, :32]
    assert np.array_equal(pixels_of(first)[:, :32], kept) and np.array_equal(pixels_of(second)[:, :32], kept)
    again = {**own, "inpainting_fill": 1}
    alone = draw(RecordingRun(host), request(put_picture(host, Image.open(first.path)), again, seed=8))
    assert np.array_equal(pixels_of(alone.images[0]), pixels_of(second))


def pixels_of_input(host, ref):
    return np.asarray(Image.open(host.inputs.find(ref, "")).convert("RGB"))


def test_a_factor_counts_once(host, picture):
    result = run(host, request(picture, {"scale": 1.5}), loops=3)
    assert {(image.width_px, image.height_px) for image in result.images[1:]} == {(96, 96)}


@pytest.mark.parametrize(
    ("own", "params", "told"),
    [
        ({"init_images": []}, {}, "needs a picture"),
        ({"outpaint_left": 64}, {}, "cannot be combined"),
        ({}, {"append_interrogation": "CLIP"}, "no interrogator 'CLIP'"),
        ({}, {"loops": 99}, "Loops"),
    ],
)
def test_what_cannot_be_is_refused(host, picture, own, params, told):
    with pytest.raises(UserError, match=told):
        run(host, request(picture, own), **params)


def test_the_grid_tells_of_every_field_and_older_grids_are_read(host, picture):
    grid = run(host, request(picture), loops=2, denoising_curve="Lazy").images[0]
    said = parse_infotext(grid.infotext)
    assert (said["Script"], said["Denoising curve"]) == ("Loopback", "Lazy") and "Append interrogated prompt" not in said
    params = LoopbackParams(loops=2, final_denoising_strength=0.3, denoising_curve="Lazy", append_interrogation="DeepBooru")
    assert LoopbackParams.model_validate(LoopbackParams.read_infotext(params.items(), host)) == params
    older = {"Loops": "2", "Denoising strength curve": "Aggressive"}
    assert LoopbackParams.read_infotext(older, host)["denoising_curve"] == "Aggressive"
    assert set(older) <= LoopbackParams.labels(older)

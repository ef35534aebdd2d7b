"""Gradual transitions: how latents are mixed, which pixels are the original's in the end, and a whole drawing."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image

from app.api import GenerationRequest, draw_request
from app.testing.drawing import pixels_of, put_picture, tiny_host
from app.testing.runs import RecordingRun, ScriptedControl
from extensions.soft_inpainting.blender import SoftBlender, mixed
from extensions.soft_inpainting.params import SoftInpaintingParams
from extensions.soft_inpainting.pixel_mask import Difference, pixel_mask, window_mean, window_weights

LATENTS = torch.randn((2, 1, 4, 8, 8), generator=torch.Generator().manual_seed(1))


def test_the_ends_of_a_mix_are_the_two_latents():
    original, drawn = LATENTS
    assert torch.allclose(mixed(original, drawn, torch.zeros(1, 1, 8, 8), 4.0), original, atol=1e-4)
    assert torch.allclose(mixed(original, drawn, torch.ones(1, 1, 8, 8), 4.0), drawn, atol=1e-4)


@pytest.mark.parametrize("exponent", [1.0, 4.0, 32.0])
def test_the_length_of_a_mix_is_between_the_two_and_grows_with_the_exponent(exponent):
    original, drawn = LATENTS
    lengths = [torch.linalg.vector_norm(latent, dim=1) for latent in (original, drawn)]
    half = torch.full((1, 1, 8, 8), 0.5)
    length = torch.linalg.vector_norm(mixed(original, drawn, half, exponent), dim=1)
    assert torch.allclose(length, ((lengths[0] ** exponent + lengths[1] ** exponent) / 2) ** (1 / exponent), rtol=1e-3)
    longer = torch.linalg.vector_norm(mixed(original, drawn, half, exponent + 1), dim=1)
    assert (longer >= length - 1e-5).all()


def test_the_more_noise_the_less_of_the_drawing_gets_through_grey_parts():
    original, drawn = LATENTS
    blender = SoftBlender(SoftInpaintingParams())
    grey = torch.full((1, 1, 8, 8), 0.6)
    distances = [float((blender.blend(original, drawn, grey, sigma) - original).norm()) for sigma in (14.0, 4.0, 1.0, 0.1)]
    assert distances == sorted(distances) and distances[-1] > 3 * distances[0]
    white, black = torch.ones(1, 1, 8, 8), torch.zeros(1, 1, 8, 8)
    assert torch.allclose(blender.blend(original, drawn, white, 5.0), drawn, atol=1e-4)
    assert torch.allclose(blender.blend(original, drawn, black, 5.0), original, atol=1e-4)


def test_window_means_of_ranks():
    weights = window_weights()
    assert weights.shape == (5, 5) and weights[2, 2] == 1.0 and weights[0, 0] == weights.min() and (weights == weights.T).all()
    values = np.zeros((9, 9))
    values[4, 4] = 1.0
    assert window_mean(values, weights, 0.9, 1.0)[4, 4] == pytest.approx(1.0), "the largest"
    assert window_mean(values, weights, 0.25, 0.75).max() == 0.0, "an outlier does not count among the middle ranks"
    assert window_mean(values, weights, 0.0, 1.0)[4, 4] == pytest.approx(1 / weights.sum()), "the plain weighted mean"
    assert np.allclose(window_mean(np.full((3, 7), 2.5), weights, 0.25, 0.75), 2.5), "edges have no shadow"


def test_what_has_moved_shows_the_drawing():
    distance = np.zeros((1, 16, 16), dtype=np.float32)
    distance[0, :, 8:] = 3.0
    mask = np.asarray(pixel_mask(Difference(distance, np.ones((16, 16), np.float32)), 0, (128, 128), SoftInpaintingParams()))
    assert (mask[:, :24] == 0).all() and (mask[:, 104:] > 245).all() and mask.shape == (128, 128)
    later = SoftInpaintingParams(composite_difference_threshold=4.0)
    higher = np.asarray(pixel_mask(Difference(distance, np.ones((16, 16), np.float32)), 0, (128, 128), later))
    assert higher[:, 104:].max() < 200


@pytest.fixture
def draw(tmp_path):
    host = tiny_host(tmp_path, "soft_inpainting")

    def make(soft, control=None, mask_picture=None, run=None, **more):
        mask = mask_picture or Image.linear_gradient("L").resize((128, 128))
        params = {"init_images": [put_picture(host, ORIGINAL)], "mask": put_picture(host, mask), "mask_blur_x": 0, "mask_blur_y": 0, **more}
        request = GenerationRequest(
            prompt="tree",
            seed=3,
            steps=4,
            sampler="Euler",
            width=128,
            height=128,
            params={"img2img": params, "soft_inpainting": {"enabled": soft}},
        )
        result = draw_request(request, run or RecordingRun(host, None, control))
        return pixels_of(result.images[0]), result

    make.host = host
    return make


ORIGINAL = Image.fromarray(np.random.default_rng(0).integers(0, 256, (128, 128, 3), dtype=np.uint8))


def test_a_drawing_with_soft_edges(draw):
    hard, _ = draw(False)
    soft, result = draw(True)
    assert (hard != soft).any() and soft.shape == (128, 128, 3)
    wanted = "Soft inpainting enabled: True, Soft inpainting schedule bias: 1, Soft inpainting preservation strength: 0.5"
    assert wanted in result.images[0].infotext
    original = np.asarray(ORIGINAL).astype(int)
    assert np.abs(soft - original)[:8].mean() < np.abs(soft - original)[-8:].mean(), "black is above, white below"


@pytest.mark.parametrize("more", [{"inpaint_full_res": True, "inpaint_full_res_padding": 0}, {"inpainting_mask_invert": True}])
def test_with_the_other_ways_of_inpainting(draw, more):
    soft, _ = draw(True, **more)
    assert soft.shape == (128, 128, 3) and (soft != draw(False, **more)[0]).any()


def test_a_mask_of_transparency_is_as_soft_as_one_of_brightness(draw):
    levels = Image.linear_gradient("L").resize((128, 128))
    painted = Image.merge("RGBA", [Image.new("L", (128, 128))] * 3 + [levels])
    assert np.array_equal(draw(True, mask_picture=painted)[0], draw(True)[0])
    rounded = levels.point(lambda level: 255 if level > 128 else 0)
    assert np.array_equal(draw(False, mask_picture=painted)[0], draw(False, mask_picture=rounded)[0])


def test_what_one_request_of_a_job_asked_for_is_not_kept_for_the_next(draw):
    run, plain = RecordingRun(draw.host), draw(False)[0]
    assert (draw(True, run=run)[0] != plain).any()
    assert np.array_equal(draw(False, run=run)[0], plain)


def test_an_interrupted_drawing_falls_back_to_the_mask(draw):
    pixels, result = draw(True, ScriptedControl(stop_at=4))
    assert result.stopped == "interrupt" and np.abs(pixels[0] - np.asarray(ORIGINAL)[0]).max() <= 8


def test_without_the_tick_or_without_a_mask_nothing_is_said(draw):
    assert "Soft" not in draw(False)[1].images[0].infotext
    assert "Soft" not in draw(True, mask="")[1].images[0].infotext

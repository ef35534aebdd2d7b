"""Checkpoints that look at the picture beside the noise: inpainting and instruct-pix2pix."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from app.api import GenerationRequest, UserError, draw_request
from app.testing.hosts import temporary_host
from app.testing.runs import RecordingRun
from extensions.img2img.tests.conftest import Studio, box_mask, noisy, pixels_of
from extensions.stable_diffusion.concatenation import EXTRA
from extensions.stable_diffusion.model import StableDiffusionModel
from extensions.stable_diffusion.testing import TinyCheckpoint, write_checkpoint

MASK = box_mask((16, 16, 48, 48))


@pytest.fixture(scope="module")
def make_studio(tmp_path_factory):
    """A studio with one checkpoint of so many input channels."""

    def make(channels):
        folder = tmp_path_factory.mktemp(f"channels-{channels}")
        (folder / "models" / "Stable-diffusion").mkdir(parents=True)
        write_checkpoint(folder / "models" / "Stable-diffusion" / "tiny.safetensors", TinyCheckpoint(in_channels=channels))
        options = {"precision": "full", "vae_precision": "full", "hash_models": False}
        return Studio(
            temporary_host(folder, ["img2img", "stable_diffusion", "samplers", "noise_schedules"], role="worker", options=options)
        )

    return make


@pytest.fixture(scope="module")
def inpainting(make_studio):
    return make_studio(9)


@pytest.fixture(scope="module")
def pix2pix(make_studio):
    return make_studio(8)


@pytest.fixture
def seen(monkeypatch):
    """What each row of each model call saw beside the noise."""
    rows = []
    real = StableDiffusionModel.predict

    def predict(self, x, timesteps, conditioning):
        rows.append([one.extra.get(EXTRA) for one in conditioning])
        return real(self, x, timesteps, conditioning)

    monkeypatch.setattr(StableDiffusionModel, "predict", predict)
    return rows


def test_inpainting_checkpoints_see_the_mask_and_the_picture_without_what_it_hides(inpainting, seen):
    params = {"mask_blur_x": 0, "mask_blur_y": 0}
    result = inpainting.draw(noisy(), mask=MASK, img2img=params, steps=2)
    assert "Conditional mask weight: 1.0" in result.images[0].infotext
    (cond, uncond) = seen[0]
    assert cond.shape == (5, 8, 8) and torch.equal(cond, uncond)
    assert torch.equal(cond[0], torch.nn.functional.pad(torch.ones(4, 4), (2, 2, 2, 2)))
    changed = noisy()
    changed.paste((255, 0, 0), (20, 20, 40, 40))
    seen.clear()
    inpainting.draw(changed, mask=MASK, img2img=params, steps=2)
    assert torch.allclose(seen[0][0], cond, atol=1e-5), "what lies under the mask cannot be seen"
    seen.clear()
    half = inpainting.draw(changed, mask=MASK, img2img=params, steps=2, settings={"inpainting_mask_weight": 0.5})
    assert not torch.allclose(seen[0][0][1:], cond[1:], atol=1e-2)
    assert "Conditional mask weight: 0.5" in half.images[0].infotext


def test_outside_of_the_mask_they_too_leave_every_pixel(inpainting):
    result = inpainting.pixels(noisy(), mask=MASK, img2img={"mask_blur_x": 0, "mask_blur_y": 0}, steps=2)
    outside = np.asarray(MASK) == 0
    assert np.array_equal(result[outside], np.asarray(noisy())[outside])
    assert (result != np.asarray(noisy()))[~outside].any(-1).mean() > 0.9


def test_without_a_mask_all_is_to_be_drawn(inpainting, seen):
    inpainting.draw(noisy(), steps=2)
    assert (seen[0][0][0] == 1).all()


def test_pix2pix_checkpoints_see_the_picture_with_every_prompt(pix2pix, seen):
    result = pix2pix.draw(noisy(), steps=2)
    (cond, uncond) = seen[0]
    assert cond.shape == (4, 8, 8) and torch.equal(cond, uncond) and cond.abs().max() > 0
    assert "Image CFG scale" not in result.images[0].infotext


@pytest.mark.parametrize("settings", [{}, {"skip_early_cond": 0.5}, {"s_min_uncond": 15.0, "s_min_uncond_all": True}])
def test_guidance_by_text_and_by_picture(pix2pix, seen, monkeypatch, settings):
    """out = uncond + cfg * (cond - imgcond) + image cfg * (imgcond - uncond), checked on what the sampler gets."""
    predictions, guided = [], []
    real = StableDiffusionModel.predict

    def predict(self, x, timesteps, conditioning):
        raw = real(self, x, timesteps, conditioning)
        predictions.append(raw)
        return raw

    monkeypatch.setattr(StableDiffusionModel, "predict", predict)
    run = RecordingRun(pix2pix.host)
    run_listener = type("Listener", (), {})()
    for name in ("begin", "after_step"):
        setattr(run_listener, name, lambda *arguments: None)
    run_listener.before_model = lambda x, state: guided.append((x, state.level)) or x
    run_listener.after_model = lambda denoised, state: guided.append(denoised) or denoised
    run_listener.end = lambda latents: latents

    class Plugin:
        from app.api import hookimpl

        @hookimpl
        def follow_denoising(self, context, run):
            return [run_listener]

    plugin = Plugin()
    pix2pix.host.hooks.register("watching", plugin)
    try:
        params = {"init_images": [pix2pix.put(noisy())], "image_cfg_scale": 1.8, "denoising_strength": 1.0}
        request = GenerationRequest(prompt="tree", negative_prompt="rain", seed=3, steps=2, sampler="Euler", params={"img2img": params})
        result = draw_request(request.model_copy(update={"cfg_scale": 6.0, "settings": settings}), run)
    finally:
        pix2pix.host.hooks.unregister("watching")
    assert "Image CFG scale: 1.8" in result.images[0].infotext
    rows = seen[0]
    assert [row.abs().max() > 0 for row in rows] == [True, True, False]
    cond, imgcond, uncond = predictions[0]
    (x, sigma), denoised = guided[0], guided[1]
    noise = uncond + 6.0 * (cond - imgcond) + 1.8 * (imgcond - uncond)
    assert torch.allclose(denoised[0], x[0] - sigma * noise, atol=1e-3 * float(sigma))


def test_pix2pix_refuses_what_it_cannot_express(pix2pix):
    with pytest.raises(UserError) as error:
        pix2pix.draw(noisy(), steps=2, cfg_scale=0.0, img2img={"image_cfg_scale": 1.5})
    assert error.value.field == "cfg_scale"


def test_other_checkpoints_see_nothing_of_it(make_studio, seen):
    studio = make_studio(4)
    result = studio.draw(noisy(), mask=MASK, steps=2, img2img={"image_cfg_scale": 1.5})
    assert all(row is None for rows in seen for row in rows) and pixels_of(result).shape == (64, 64, 3)
    assert "Image CFG" not in result.images[0].infotext and "Conditional" not in result.images[0].infotext


@pytest.fixture(scope="module")
def hires(tmp_path_factory):
    """A studio with an inpainting checkpoint and hires fix."""
    folder = tmp_path_factory.mktemp("hires-inpainting")
    (folder / "models" / "Stable-diffusion").mkdir(parents=True)
    write_checkpoint(folder / "models" / "Stable-diffusion" / "tiny.safetensors", TinyCheckpoint(in_channels=9))
    options = {"precision": "full", "vae_precision": "full", "hash_models": False}
    extensions = ["img2img", "hires_fix", "stable_diffusion", "samplers", "noise_schedules"]
    return Studio(temporary_host(folder, extensions, role="worker", options=options))


def drawn_from_nothing(studio, settings=None, hires=None):
    params = {"hires_fix": {"enabled": True, **hires}} if hires else {}
    request = GenerationRequest(prompt="tree", seed=3, steps=2, sampler="Euler", params=params, settings=settings or {})
    return draw_request(request, RecordingRun(studio.host))


def test_from_nothing_an_inpainting_checkpoint_sees_grey_and_the_infotext_has_the_weight(inpainting, make_studio, seen):
    half = drawn_from_nothing(inpainting, {"inpainting_mask_weight": 0.5})
    assert "Conditional mask weight: 0.5" in half.images[0].infotext
    assert all(one is None for one in seen[0]), "the model fills in a grey picture itself"
    full = drawn_from_nothing(inpainting)
    assert "Conditional mask weight: 1.0" in full.images[0].infotext
    assert np.array_equal(pixels_of(half), pixels_of(full)), "there is no picture that could be seen"


def test_other_checkpoints_say_nothing_of_the_weight(pix2pix):
    assert "Conditional mask weight" not in drawn_from_nothing(pix2pix).images[0].infotext


@pytest.mark.parametrize("upscaler", ["Latent", "Lanczos"])
def test_in_the_second_pass_of_hires_fix_they_see_the_enlarged_picture_as_far_as_it_is_not_hidden(hires, seen, upscaler):
    own = {"upscaler": upscaler, "denoising_strength": 0.5, "resize_x": 128, "resize_y": 112}
    drawn_from_nothing(hires, hires=own)
    assert all(one is None for row in seen for one in row)
    found = {}
    for weight in (0.0, 0.5):
        seen.clear()
        drawn_from_nothing(hires, {"inpainting_mask_weight": weight}, own)
        assert seen[0][0] is None
        found[weight] = seen[-1][0]
        assert found[weight].shape == (5, 14, 16) and (found[weight][0] == 1).all()
    assert not torch.allclose(found[0.0], found[0.5], atol=1e-3)

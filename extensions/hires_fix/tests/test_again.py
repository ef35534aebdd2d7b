"""A finished picture gets its second pass afterwards: the same as from the start, and without a first pass where the picture is one."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from app.api import GenerationRequest, RunImage, ShownPicture, UserError, hookimpl
from app.testing.drawing import pixels_of
from app.testing.runs import RecordingRun, draw
from app.testing.tiny import TinyModel, write_tiny_checkpoint
from extensions.hires_fix.again import upscaled

REQUEST = {"prompt": "tree", "steps": 4, "seed": 7, "sampler": "Euler", "batch_count": 3, "subseed_strength": 0.2, "subseed": 5}
TYPED = {"params.hires_fix.enabled": False, "params.hires_fix.denoising_strength": 0.4, "steps": 9}


@pytest.fixture
def sides(monkeypatch):
    """Sides of the latents of each model call."""
    seen = []
    real = TinyModel.predict
    monkeypatch.setattr(TinyModel, "predict", lambda self, x, *rest: seen.append(x.shape[-1]) or real(self, x, *rest))
    return seen


def drawn(host, request, settings=None):
    return draw(RecordingRun(host, settings), GenerationRequest.model_validate(request))


def samples(result):
    return [image for image in result.images if image.kind == "sample"]


def again(host, request, chosen, upscaler, settings=None):
    """The request of the button, drawn."""
    shown = ShownPicture(request, chosen, {**TYPED, "params.hires_fix.upscaler": upscaler}, "")
    return drawn(host, upscaled(shown, host), settings)


def from_the_start(host, upscaler, settings=None, **more):
    hires = {"enabled": True, "upscaler": upscaler, "denoising_strength": 0.4}
    return drawn(host, {**REQUEST, "params": {"hires_fix": hires}, **more}, settings)


@pytest.mark.parametrize(("upscaler", "first_pass"), [("Latent (nearest)", True), ("Lanczos", False), ("None", False)])
def test_it_is_the_one_of_hires_fix_from_the_start(host, sides, upscaler, first_pass):
    chosen = samples(drawn(host, REQUEST))[-1]
    wanted = samples(from_the_start(host, upscaler))[-1]
    sides.clear()
    (image,) = again(host, REQUEST, chosen, upscaler).images
    assert np.array_equal(pixels_of(image), pixels_of(wanted)) and image.infotext == wanted.infotext
    assert (8 in sides) is first_pass and sides.count(16) == 4


def test_a_picture_that_was_never_brought_is_refused_before_the_job_waits(host):
    asked = GenerationRequest.model_validate({**REQUEST, "params": {"hires_fix": {"first_picture": f"{'0' * 32}.img"}}})
    with pytest.raises(UserError) as error:
        host.job_kinds.get("generate").check_owner(asked, "")
    assert error.value.field == "params.hires_fix.first_picture"


def test_what_waits_in_the_form_for_a_second_pass_is_no_difference(host, sides):
    request = {**REQUEST, "params": {"hires_fix": {"enabled": False, "upscaler": "Nearest", "scale": 3.0}}}
    chosen = samples(drawn(host, request))[-1]
    sides.clear()
    again(host, request, chosen, "Lanczos")
    assert 8 not in sides


def _other_settings(host):
    return {"settings": {"eta_ancestral": 0.3}}


def _other_file(host):
    write_tiny_checkpoint(host.paths.models / "Stable-diffusion" / "first.safetensors", seed=9)
    host.models.refresh()
    return {}


@pytest.mark.parametrize("change", [_other_settings, _other_file])
def test_where_the_first_pass_would_be_another_one_it_is_drawn(host, sides, change):
    chosen = samples(drawn(host, REQUEST))[-1]
    changes = change(host)
    wanted = samples(from_the_start(host, "Lanczos", **changes))[-1]
    sides.clear()
    (image,) = again(host, REQUEST, chosen, "Lanczos", **changes).images
    assert 8 in sides and np.array_equal(pixels_of(image), pixels_of(wanted))


def test_a_jpeg_is_not_the_first_pass(host, sides):
    settings = {"samples_format": "jpg"}
    chosen = samples(drawn(host, REQUEST, settings))[-1]
    assert chosen.drawn_as == ""
    sides.clear()
    again(host, REQUEST, chosen, "Lanczos", settings)
    assert 8 in sides


def test_a_file_that_was_changed_or_deleted_is_not(host, sides):
    chosen = samples(drawn(host, REQUEST))[-1]
    wanted = pixels_of(samples(from_the_start(host, "Lanczos"))[-1])
    with Image.open(chosen.path) as image:
        image.putpixel((3, 3), (1, 2, 3))
        image.save(chosen.path)
    for _ in range(2):
        sides.clear()
        (image,) = again(host, REQUEST, chosen, "Lanczos").images
        assert 8 in sides and np.array_equal(pixels_of(image), wanted)
        host.paths.resolve(chosen.path).unlink(missing_ok=True)


class Framing:
    """Changes pictures after they are decoded."""

    @hookimpl
    def edit_images(self, images, plan, run):
        return [RunImage(item.index, item.image.transpose(Image.Transpose.ROTATE_90)) for item in images]


def test_a_picture_that_an_extension_has_changed_is_not(host, sides):
    host.hooks.register("framing", Framing())
    chosen = samples(drawn(host, REQUEST))[-1]
    assert chosen.drawn_as == ""
    wanted = samples(from_the_start(host, "Lanczos"))[-1]
    sides.clear()
    (image,) = again(host, REQUEST, chosen, "Lanczos").images
    assert 8 in sides and np.array_equal(pixels_of(image), pixels_of(wanted))


def test_nobody_draws_from_somebody_elses_picture(host, sides):
    chosen = samples(drawn(host, REQUEST))[-1]
    shown = ShownPicture(REQUEST, chosen, {**TYPED, "params.hires_fix.upscaler": "Lanczos"}, "somebody")
    request = upscaled(shown, host)
    sides.clear()
    drawn(host, request)
    assert 8 in sides

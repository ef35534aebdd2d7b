"""Pictures of two passes: size, start, what the second pass uses, what is written about it, and the way back."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image

from app.api import GenerationRequest, UserError, parse_infotext
from app.testing.runs import RecordingRun, ScriptedControl, draw
from app.testing.tiny import TinyModel
from extensions.hires_fix.params import HiresParams

HIRES = {"enabled": True, "denoising_strength": 0.5}


def drawn(host, hires=None, control=None, settings=None, **fields):
    run = RecordingRun(host, settings, control)
    asked = {"prompt": "tree", "steps": 4, "seed": 7, "sampler": "Euler", "params": {"hires_fix": {**HIRES, **(hires or {})}}, **fields}
    return draw(run, GenerationRequest.model_validate(asked))


def pixels(result, index=0):
    samples = [image for image in result.images if image.kind == "sample"]
    return np.asarray(Image.open(samples[index].path).convert("RGB")).astype(int)


def items(result, index=0):
    samples = [image for image in result.images if image.kind == "sample"]
    return parse_infotext(samples[index].infotext)


def test_off_is_as_if_it_were_absent(host):
    off = drawn(host, {"enabled": False})
    assert (pixels(off) == pixels(drawn(host, params={}))).all()
    assert not [key for key in items(off) if key.startswith(("Hires", "Denoising"))]


@pytest.mark.parametrize(
    ("asked", "size"),
    [({}, (128, 128)), ({"scale": 1.5}, (96, 96)), ({"resize_x": 120}, (120, 120)), ({"resize_x": 128, "resize_y": 80}, (128, 80))],
)
@pytest.mark.parametrize("upscaler", ["Latent", "Lanczos"])
def test_the_second_pass_has_the_size(host, asked, size, upscaler):
    result = drawn(host, {**asked, "upscaler": upscaler})
    assert pixels(result).shape == (size[1], size[0], 3)
    assert (result.images[0].width_px, result.images[0].height_px) == size
    assert items(result)["Size-1"] == "64"


def test_every_upscaler_gives_a_picture_of_its_own(host):
    asked = {"denoising_strength": 0.1, "scale": 1.5}
    found = {upscaler.name: pixels(drawn(host, {**asked, "upscaler": upscaler.name})) for upscaler in host.upscalers}
    assert (found["None"] == found["Lanczos"]).all()
    alike = {"None", "Latent (antialiased)"}  # where nothing shrinks, there is nothing to smooth between two latents
    different = {image.tobytes() for name, image in found.items() if name not in alike}
    assert len(different) == len(found) - len(alike)


def test_latents_are_interpolated_and_cut_off_in_the_middle(host, monkeypatch):
    seen = {}
    real = TinyModel.decode
    monkeypatch.setattr(TinyModel, "decode", lambda self, latents: seen.update(latents=latents) or real(self, latents))
    drawn(host, {"enabled": False})
    first = seen["latents"]
    drawn(host, {"denoising_strength": 0.0, "resize_x": 128, "resize_y": 72})
    wide = torch.nn.functional.interpolate(first, size=(16, 16), mode="bilinear")
    assert torch.equal(seen["latents"], wide[:, :, 3:12, :])


def test_all_steps_of_the_second_pass_are_run(host, monkeypatch):
    sides = []
    real = TinyModel.predict
    monkeypatch.setattr(TinyModel, "predict", lambda self, x, *rest: sides.append(x.shape[-1]) or real(self, x, *rest))
    drawn(host)
    assert (sides.count(8), sides.count(16)) == (4, 4)
    sides.clear()
    assert items(drawn(host, {"steps": 6}))["Hires steps"] == "6"
    assert (sides.count(8), sides.count(16)) == (4, 6)


def test_what_the_second_pass_uses_of_its_own_is_written(host):
    own = {
        "sampler": "DPM++ 2M", "scheduler": "Uniform", "prompt": "sea", "negative_prompt": "rain", "checkpoint": "second", "steps": 3,
    }  # fmt: skip
    result = drawn(host, own)
    assert (pixels(result) != pixels(drawn(host))).any()
    written = items(result)
    wanted = {
        "Denoising strength": "0.5", "Hires sampler": "DPM++ 2M", "Hires prompt": "sea", "Hires negative prompt": "rain",
        "Hires schedule type": "Uniform", "Hires upscale": "2", "Hires steps": "3", "Hires upscaler": "Latent",
    }  # fmt: skip
    assert {key: written[key] for key in wanted} == wanted
    assert written["Hires checkpoint"].startswith("second [")
    order = [key for key in written if key in wanted or key == "Hires checkpoint"]
    assert order == ["Denoising strength", "Hires checkpoint", *list(wanted)[1:]]


def test_what_is_the_same_is_not_written(host):
    written = items(drawn(host, {"sampler": "Euler", "prompt": "tree", "checkpoint": "first"}))
    assert [key for key in written if key.startswith("Hires")] == ["Hires upscale", "Hires upscaler"]


def test_automatic_means_the_second_sampler_s_own_schedule(host):
    written = items(drawn(host, {"sampler": "DPM++ 2M"}))
    assert (written["Schedule type"], written["Hires schedule type"]) == ("Automatic", "Karras")
    assert "Hires schedule type" not in items(drawn(host, {"sampler": "DPM++ 2M"}, scheduler="Karras"))


def test_the_infotext_draws_the_picture_again(host):
    own = {"sampler": "DPM++ 2M Karras", "prompt": "sea, waves", "checkpoint": "second", "resize_x": 96, "denoising_strength": 0.45}
    result = drawn(host, own)
    said = HiresParams.read_infotext(items(result), host)
    assert (pixels(drawn(host, params={"hires_fix": said})) == pixels(result)).all()
    assert said["enabled"] is True


@pytest.mark.parametrize(
    ("first", "second", "shown"),
    [
        (("Euler", "Karras"), ("DPM++ 2M SGMUniform", None), ("DPM++ 2M", "SGM Uniform")),
        (("Euler", "Automatic"), ("DPM++ 2M", "Karras"), ("DPM++ 2M", "Use same scheduler")),
        (("Euler", "Karras"), ("euler", "karras"), ("Use same sampler", "Use same scheduler")),
        (("Euler", "Karras"), ("Sorcery", "Karras"), ("Sorcery", "Karras")),
        (("DPM++ 2M", "Karras"), ("Euler", None), ("Euler", "Karras")),
    ],
)
def test_names_of_the_second_pass_as_the_controls_show_them(host, first, second, shown):
    fields = {"Sampler": first[0], "Schedule type": first[1], "Hires sampler": second[0], "Hires schedule type": second[1]}
    said = HiresParams.read_infotext({key: value for key, value in fields.items() if value}, host)
    assert (said["sampler"], said["scheduler"]) == shown


def test_an_infotext_of_one_pass_switches_it_off(host):
    fields = {"Steps": "20", "Denoising strength": "0.5", "Mask blur": "4"}
    assert HiresParams.read_infotext(fields, host)["enabled"] is False


def test_the_oldest_versions_sizes(host):
    result = drawn(host, settings={"use_old_hires_fix_width_height": True}, width=640, height=384, steps=1)
    assert pixels(result).shape == (384, 640, 3)
    assert (items(result)["Size-1"], items(result)["Size-2"], items(result)["Hires resize-1"]) == ("704", "448", "640")


def test_a_first_pass_of_its_own_size(host):
    assert pixels(drawn(host, {"first_width": 32, "first_height": 48})).shape == (96, 64, 3)
    with pytest.raises(UserError, match="multiple of 8"):
        drawn(host, {"first_width": 30})


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"upscaler": "Latents"}, "upscaler"),
        ({"checkpoint": "third"}, "checkpoint"),
        ({"scale": 0.01}, "scale"),
        ({"sampler": "Eule"}, "sampler"),
    ],
)
def test_what_is_not_there_is_named(host, wrong, field):
    with pytest.raises(UserError) as caught:
        drawn(host, wrong)
    assert caught.value.field.endswith(field)


def test_styles_reach_the_second_prompt(host):
    (host.paths.data / "styles.csv").write_text("name,prompt,negative_prompt\nOil,oil on canvas of {prompt},blurry\n", encoding="utf-8")
    written = items(drawn(host, {"prompt": "sea", "negative_prompt": "rain"}, styles=["Oil"]))
    assert (written["Hires prompt"], written["Hires negative prompt"]) == ("oil on canvas of sea", "rain, blurry")


def test_an_interrupt_in_the_first_pass_returns_the_small_picture(host):
    result = drawn(host, control=ScriptedControl(stop_at=3))
    assert (result.stopped, pixels(result).shape) == ("interrupt", (64, 64, 3))


def test_a_batch_equals_its_pictures_one_by_one(host):
    together = drawn(host, batch_size=2)
    assert np.abs(pixels(together, 1) - pixels(drawn(host, seed=8))).max() <= 1

"""The first pass is saved beside the picture, and the second one's prompts are read with its networks, where the settings say so."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from app.api import GenerationRequest, hookimpl, parse_infotext
from app.testing.hosts import temporary_host
from app.testing.runs import RecordingRun, ScriptedControl, draw

SAVES = {"save_images_before_highres_fix": True}


def drawn(host, hires=None, settings=None, control=None, **fields):
    run = RecordingRun(host, settings, control)
    asked = {"enabled": True, "denoising_strength": 0.5, **(hires or {})}
    request = {"prompt": "tree", "steps": 4, "seed": 7, "sampler": "Euler", "params": {"hires_fix": asked}, **fields}
    return draw(run, GenerationRequest.model_validate(request))


def saved(host):
    return sorted((host.paths.outputs / "txt2img-images").rglob("*.png"), key=lambda path: path.name)


@pytest.mark.parametrize("upscaler", ["Latent", "Lanczos"])
def test_the_first_pass_is_saved_before_the_second_one(host, upscaler):
    first = drawn(host, {"enabled": False})
    result = drawn(host, {"upscaler": upscaler}, SAVES)
    alone, before, final = saved(host)
    assert (before.name, final.name) == ("00001-7-before-highres-fix.png", "00002-7.png")
    assert np.array_equal(np.asarray(Image.open(before)), np.asarray(Image.open(alone)))
    assert [image.path for image in result.images] == [str(final)]
    assert Image.open(before).info["parameters"] == result.images[0].infotext
    assert parse_infotext(result.images[0].infotext)["Hires upscaler"] == upscaler and first.images[0].path == str(alone)


def test_each_picture_of_a_batch_has_its_own(host):
    drawn(host, settings={**SAVES, "grid_save": False}, batch_size=2)
    assert [path.name for path in saved(host)] == [
        "00000-7-before-highres-fix.png", "00001-8-before-highres-fix.png", "00002-7.png", "00003-8.png",
    ]  # fmt: skip


def test_without_the_setting_or_without_saving_there_is_none(host):
    drawn(host)
    drawn(host, settings={**SAVES, "samples_save": False})
    drawn(host, settings=SAVES, save="spool")
    assert [path.name for path in saved(host)] == ["00000-7.png"]


def test_it_is_there_also_when_the_second_pass_is_interrupted(host):
    result = drawn(host, settings=SAVES, control=ScriptedControl(stop_at=7))
    assert result.stopped == "interrupt" and result.images[0].spooled
    assert [path.name for path in saved(host)] == ["00000-7-before-highres-fix.png"]


class Planned:
    """Looks at the finished plans."""

    def __init__(self):
        self.encoded_as = []

    @hookimpl
    def follow_denoising(self, context, run):
        if context.index:
            self.encoded_as.append(context.step.encoded_as)
        return []


def test_prompts_of_the_second_pass_are_encoded_as_in_the_first_where_the_setting_says_so(host):
    planned = Planned()
    host.hooks.register("planned", planned)
    own = {"hires_fix_use_firstpass_conds": True}
    drawn(host)
    drawn(host, settings=own)
    drawn(host, {"checkpoint": "second"}, own)
    assert planned.encoded_as == [None, 0, None]


def test_the_settings_are_where_a1111_has_them(tmp_path):
    options = temporary_host(tmp_path, ["hires_fix"]).settings.options
    before, conds = options["save_images_before_highres_fix"], options["hires_fix_use_firstpass_conds"]
    assert (before.section.id, before.default, before.label) == (
        "saving-images", False, "Save a copy of image before applying highres fix."
    )  # fmt: skip
    assert (conds.section.id, conds.default) == ("compatibility", False)
    assert options["use_old_hires_fix_width_height"].section.id == "compatibility"
    assert conds.label == "For hires fix, calculate conds of second pass using extra networks of first pass."

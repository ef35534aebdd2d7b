"""Which settings of SDXL are told of a picture, and that they come back from there."""

from __future__ import annotations

import pytest

from app.api import ModelSwitch
from app.testing.hosts import temporary_host
from app.testing.plans import CHECKPOINT, example_pass, example_plan
from extensions.stable_diffusion import describe_image
from extensions.stable_diffusion.params import EncodingSettings

CHANGED = {
    "sdxl_crop_top": 8, "sdxl_crop_left": 16, "sdxl_refiner_low_aesthetic_score": 2.0, "sdxl_refiner_high_aesthetic_score": 7.5,
    "sdxl_clip_l_skip": True,
}  # fmt: skip
CROPS = {"SDXL crop top": "8", "SDXL crop left": "16"}
SCORES = {"SDXL low aesthetic score": "2.0", "SDXL high aesthetic score": "7.5"}
SKIP = {"Clip skip SDXL": "True"}


def told(families, settings=CHANGED, switch="", **fields):
    checkpoints = [CHECKPOINT.model_copy(update={"family": family}) for family in families]
    taking_over = ModelSwitch(checkpoint=CHECKPOINT.model_copy(update={"family": switch}), at=0.5) if switch else None
    first, *later = (example_pass(checkpoint=checkpoint, switch=taking_over) for checkpoint in checkpoints)
    plan = example_plan(first, later=tuple(later), encoding_settings={**settings, "foreign": 1}, **fields)
    return describe_image(plan.images[0], plan, None)


@pytest.mark.parametrize(
    ("families", "switch", "expected"),
    [
        (["sd1"], "", {}),
        (["sdxl"], "", {**CROPS, **SKIP}),
        (["sdxl-refiner"], "", {**CROPS, **SCORES}),
        (["sd1", "sdxl"], "", {**CROPS, **SKIP}),
        (["sdxl"], "sdxl-refiner", {**CROPS, **SCORES, **SKIP}),
    ],
)
def test_what_reached_a_checkpoint_is_told(families, switch, expected):
    assert told(families, switch=switch) == expected


def test_defaults_are_not_told():
    assert told(["sdxl"], EncodingSettings().model_dump(), "sdxl-refiner") == {}
    assert told(["sdxl"], {}) == {}
    assert told(["sdxl"], clip_skip=2) == CROPS, "the layer that is read anyway"


def test_every_label_is_known_to_the_setting_that_it_restores(tmp_path):
    options = temporary_host(tmp_path, ["stable_diffusion"]).settings.options
    labels = {options[key].extra["infotext"] for key in CHANGED}
    assert labels == {*CROPS, *SCORES, *SKIP} and set(CHANGED) == set(EncodingSettings.model_fields)

"""What extensions do for files named in prompts: their kinds make tags understood, and their edits change the weights while asked for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from PIL import Image

from app.api import GenerationRequest, LayerWeights, NetworkType, WeightEdits, hookimpl
from app.testing.runs import RecordingRun, draw


@dataclass(frozen=True)
class Stronger:
    """Multiplies a layer's weights."""

    by: float

    @property
    def key(self):
        return f"stronger {self.by}"

    def apply(self, layer):
        return LayerWeights(layer.weight * self.by, layer.bias)


class Strengthens:
    """``<strong:2>`` makes the first layer of the U-Net and the text encoder's stronger."""

    @hookimpl
    def register_network_types(self, host):
        return [NetworkType("strong", "Strong", "checkpoint", tags=("strong",))]

    @hookimpl
    def edit_weights(self, context, run):
        factors = [float(tag.items[0]) for tag in context.tags if tag.type == "strong"]
        return [WeightEdits({"unet.0": Stronger(by), "text_encoder": Stronger(by)}) for by in factors]


@pytest.fixture
def run(host):
    host.hooks.register("strengthens", Strengthens())
    host.refill()
    return RecordingRun(host)


def pixels(run, prompt):
    result = draw(run, GenerationRequest(prompt=prompt, seed=7, steps=2, save="spool"))
    return np.asarray(Image.open(result.images[0].path)), result


def test_edits_of_a_prompt_change_its_picture_and_are_gone_with_it(run):
    base, _ = pixels(run, "a tree")
    strong, _ = pixels(run, "a tree<strong:1.5>")
    twice, _ = pixels(run, "a tree<strong:1.5><strong:2>")
    product, _ = pixels(run, "a tree<strong:3>")
    assert (strong != base).any()
    assert np.array_equal(twice, product)
    assert np.array_equal(pixels(run, "a tree")[0], base)


def test_only_tags_of_registered_kinds_are_understood(run):
    _, result = pixels(run, "a tree<strong:1><strange:1>")
    assert [comment for comment in result.comments if "understands" in comment] == [
        "The tag <strange:1> in the prompt was left out: no installed extension understands 'strange'."
    ]


def test_a_tag_in_the_negative_prompt_is_told_to_be_plain_words(run):
    result = draw(run, GenerationRequest(prompt="a tree", negative_prompt="rain <strong:1>", seed=7, steps=1, save="spool"))
    assert [comment for comment in result.comments if "plain words" in comment] == [
        "The tag <strong:1> in the negative prompt is read as plain words: such tags work in the prompt only."
    ]

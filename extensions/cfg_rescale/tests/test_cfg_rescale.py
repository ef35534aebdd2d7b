"""The formula of the paper, in every kind of sampler, and only where it is asked for."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image

from app.api import DenoiseState, GenerationRequest, GuidedPrediction, hookimpl, parse_infotext
from app.testing.drawing import drawing_host
from app.testing.runs import RecordingRun, draw
from extensions.cfg_rescale.rescale import Rescaling

STATE = DenoiseState(step=0, steps=1, call_index=0, level=1.0)


@pytest.fixture
def host(tmp_path):
    with drawing_host(tmp_path, "cfg_rescale") as made:
        yield made


def drawn(host, share, **more):
    request = GenerationRequest(**{"prompt": "tree", "negative_prompt": "sea", "steps": 4, "seed": 7, "cfg_scale": 12, **more})
    result = draw(RecordingRun(host), request.model_copy(update={"params": {"cfg_rescale": {"share": share}}}))
    return np.asarray(Image.open(result.images[0].path).convert("RGB")).astype(int), parse_infotext(result.images[0].infotext)


def test_the_deviation_of_each_picture_becomes_that_of_the_prompt_alone():
    positive, negative = torch.randn((2, 2, 4, 8, 8), generator=torch.Generator().manual_seed(1))
    guided = negative + 9 * (positive - negative)
    full = Rescaling(1.0)(GuidedPrediction(guided, positive, negative), STATE)
    assert torch.allclose(full.std((1, 2, 3)), positive.std((1, 2, 3)), rtol=1e-5)
    half = Rescaling(0.5)(GuidedPrediction(guided, positive, negative), STATE)
    assert torch.allclose(half, (full + guided) / 2, rtol=1e-5)


@pytest.mark.parametrize("sampler", ["Euler", "DDIM"])
def test_it_changes_the_picture_in_both_kinds_of_samplers(host, sampler):
    plain, items = drawn(host, 0.0, sampler=sampler)
    assert "CFG Rescale" not in items
    rescaled, items = drawn(host, 0.7, sampler=sampler)
    assert items["CFG Rescale"] == "0.7"
    assert (rescaled != plain).any()


@pytest.mark.parametrize("sampler", ["Euler", "DDIM"])
def test_without_guidance_there_is_nothing_to_rescale(host, sampler):
    assert (drawn(host, 1.0, sampler=sampler, cfg_scale=1)[0] == drawn(host, 0.0, sampler=sampler, cfg_scale=1)[0]).all()


def test_both_kinds_of_samplers_are_given_denoised_pictures(host):
    seen = []

    class Watching:
        def __call__(self, prediction, state):
            seen.append((state.space, prediction))
            return prediction.guided

    class Plugin:
        @hookimpl
        def edit_guidance(self, context, run):
            return [Watching()]

    host.hooks.register("watching", Plugin())
    drawn(host, 0.0, sampler="Euler", steps=2)
    drawn(host, 0.0, sampler="DDIM", steps=2)
    kinds = dict(reversed(seen))
    assert set(kinds) == {"sigma", "timestep"}
    for prediction in kinds.values():
        expected = prediction.negative + 12 * (prediction.positive - prediction.negative)
        assert torch.allclose(prediction.guided, expected, atol=1e-3)
        assert float(prediction.positive.std()) < 1.0

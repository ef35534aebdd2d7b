"""What the steps of inpainting see: the original where it is kept, whatever the sampler works in."""

from __future__ import annotations

import torch

from app.api import DenoiseState
from extensions.img2img.listener import HardEdges, MaskListener

MASK = torch.zeros(1, 1, 4, 4)
MASK[..., 2:] = 1
ORIGINAL, DRAWN = torch.full((2, 4, 4, 4), 3.0), torch.full((2, 4, 4, 4), -1.0)
BLENDED = torch.cat([ORIGINAL[..., :2], DRAWN[..., 2:]], dim=-1)


def state(space):
    return DenoiseState(step=0, steps=4, call_index=0, level=5.0, space=space)


def test_in_sigma_space_the_prediction_is_changed_and_what_the_model_sees_is_not():
    listener = MaskListener(ORIGINAL, MASK, HardEdges())
    assert torch.equal(listener.before_model(DRAWN, state("sigma")), DRAWN)
    assert torch.equal(listener.after_model(DRAWN, state("sigma")), BLENDED)


def test_in_timestep_space_what_the_model_sees_is_changed_and_the_prediction_is_not():
    listener = MaskListener(ORIGINAL, MASK, HardEdges())
    assert torch.equal(listener.before_model(DRAWN, state("timestep")), BLENDED)
    assert torch.equal(listener.after_model(DRAWN, state("timestep")), DRAWN)


def test_the_finished_latents_are_blended_once_more():
    assert torch.equal(MaskListener(ORIGINAL, MASK, HardEdges()).end(DRAWN), BLENDED)


def test_another_blender_gets_the_level_and_has_the_last_word():
    class Recording(HardEdges):
        def __init__(self):
            self.levels = []

        def blend(self, original, drawn, mask, sigma):
            self.levels.append(sigma)
            return original

        def finish(self, original, drawn, mask):
            return drawn * 2

    blender = Recording()
    listener = MaskListener(ORIGINAL, MASK, blender)
    assert torch.equal(listener.after_model(DRAWN, state("sigma")), ORIGINAL) and blender.levels == [5.0]
    assert torch.equal(listener.end(DRAWN), DRAWN * 2)

"""Prompts with absurd weights: a picture, or an error that names the weights; and the model is as it was."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from app.api import GenerationRequest, UserError
from app.generation.generate import generate
from app.testing.hosts import temporary_host
from app.testing.runs import RecordingRun
from extensions.stable_diffusion.testing import TinyCheckpoint, write_checkpoint

HEAVY = ["(" * 9000 + "a house", f"(a:{'9' * 60}) house", f"(a:-{'9' * 400}) house"]


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    """A worker's host with a Stable Diffusion checkpoint whose U-Net works in half precision."""
    folder = tmp_path_factory.mktemp("heavy")
    (folder / "models" / "Stable-diffusion").mkdir(parents=True)
    write_checkpoint(folder / "models" / "Stable-diffusion" / "tiny.safetensors", TinyCheckpoint())
    options = {"precision": "half", "vae_precision": "full", "hash_models": False}
    made = temporary_host(folder, ["stable_diffusion", "samplers", "noise_schedules"], role="worker", options=options)
    with made.running():
        yield made


def draw(run, prompt, emphasis):
    """The result; an error goes through."""
    fields = {"steps": 2, "seed": 1, "sampler": "Euler", "width": 64, "height": 64, "settings": {"emphasis": emphasis}}
    return generate(GenerationRequest(prompt=prompt, **fields), run)


@pytest.mark.parametrize("prompt", HEAVY)
def test_weights_that_are_brought_back_draw_a_picture(host, prompt):
    result = draw(RecordingRun(host), prompt, "Original")
    assert result.comments == () and np.asarray(Image.open(result.images[0].path)).std() > 0
    assert "Precision: bf16" in result.images[0].infotext


@pytest.mark.parametrize("prompt", HEAVY)
def test_weights_that_are_not_are_named_and_lift_nothing_for_good(host, prompt):
    run = RecordingRun(host)
    with pytest.raises(UserError, match="weights in the prompt") as error:
        draw(run, prompt, "No norm")
    assert error.value.field == "prompt" and run.comments == []
    assert "Precision: bf16" in draw(run, "a house", "No norm").images[0].infotext, "the same model, still in half precision"

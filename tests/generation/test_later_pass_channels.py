"""What inpainting checkpoints see in the second pass of hires fix: the picture of the first, as far as the setting lets them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image

from app.api import GenerationRequest, draw_request
from app.generation.sessions import ModelSessions
from app.testing.hosts import temporary_host
from app.testing.runs import RecordingRun
from extensions.stable_diffusion.concatenation import EXTRA
from extensions.stable_diffusion.model import StableDiffusionModel
from extensions.stable_diffusion.testing import TinyCheckpoint, write_checkpoint

FIRST, SECOND = (8, 8), (16, 16)


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    folder = tmp_path_factory.mktemp("inpainting")
    (folder / "models" / "Stable-diffusion").mkdir(parents=True)
    for name in ("tiny", "other"):
        write_checkpoint(folder / "models" / "Stable-diffusion" / f"{name}.safetensors", TinyCheckpoint(in_channels=9))
    options = {"precision": "full", "vae_precision": "full", "hash_models": False}
    wanted = ["img2img", "hires_fix", "upscalers", "refiner", "stable_diffusion", "samplers", "noise_schedules"]
    return temporary_host(folder, wanted, role="worker", options=options)


@pytest.fixture
def seen(monkeypatch):
    """(size, row 0's channels, encoded) of each model call; what was encoded last."""
    calls, encoded = [], []
    real, encode = StableDiffusionModel.predict, StableDiffusionModel.encode_images

    def predict(self, x, timesteps, conditioning):
        calls.append((tuple(x.shape[2:]), conditioning[0].extra.get(EXTRA)))
        return real(self, x, timesteps, conditioning)

    def encode_images(self, pixels, *more):
        encoded.append(pixels)
        return encode(self, pixels, *more)

    monkeypatch.setattr(StableDiffusionModel, "predict", predict)
    monkeypatch.setattr(StableDiffusionModel, "encode_images", encode_images)
    return calls, encoded


def draw(host, weight, upscaler="Latent", steps=2, **params):
    hires = {"enabled": True, "upscaler": upscaler, "scale": 2.0, "denoising_strength": 0.5}
    values = {
        "prompt": "tree",
        "checkpoint": "tiny",
        "seed": 7,
        "steps": steps,
        "sampler": "Euler",
        "width": 64,
        "height": 64,
        "params": {"hires_fix": hires, **params},
    }
    return draw_request(GenerationRequest(**values), RecordingRun(host, {"inpainting_mask_weight": weight}))


@pytest.mark.parametrize("upscaler", ["Latent", "Lanczos"])
def test_the_second_pass_sees_the_picture_mixed_with_grey(host, seen, upscaler):
    calls, encoded = seen
    draw(host, 0.25, upscaler)
    assert all(channels is None for size, channels in calls if size == FIRST), "the first begins with nothing"
    channels = [channels for size, channels in calls if size == SECOND]
    assert channels and all(each.shape == (5, *SECOND) and (each[0] == 1).all() for each in channels)
    begun = encoded[-1]
    assert begun.shape == (1, 3, 128, 128) and 0.125 <= float(begun.min()) < float(begun.max()) <= 0.875, "a quarter is grey"
    assert float(begun.std()) > 0.005, "it is a picture"
    sharp = np.asarray(Image.open(draw(host, 1.0, upscaler).images[0].path).convert("RGB"), dtype=np.float32) / 255
    assert abs(float(begun.mean()) - (0.75 * float(sharp.mean()) + 0.125)) < 0.1


def test_grey_alone_is_what_it_sees_by_default(host, seen):
    calls, _ = seen
    draw(host, 1.0)
    assert any(size == SECOND for size, _ in calls) and all(channels is None for _, channels in calls)


def test_how_much_it_sees_changes_the_picture(host):
    pictures = [np.asarray(Image.open(draw(host, weight).images[0].path)).astype(int) for weight in (1.0, 0.5, 0.0)]
    assert all((one != other).any() for one, other in ((pictures[0], pictures[1]), (pictures[1], pictures[2])))


def test_a_checkpoint_that_takes_over_sees_what_the_pass_began_with(host, seen, monkeypatch):
    calls, _ = seen
    opened = []
    real = ModelSessions.open
    monkeypatch.setattr(ModelSessions, "open", lambda self, *where: opened.append(where[0]) or real(self, *where))
    draw(host, 0.25, refiner={"enabled": True, "checkpoint": "other", "switch_at": 0.6}, steps=4)
    assert opened.count(1) == 2, "the other checkpoint has taken over in the second pass"
    channels = [channels for size, channels in calls if size == SECOND]
    assert len(channels) > 1 and all(torch.allclose(channels[0], each, atol=1e-3) for each in channels)

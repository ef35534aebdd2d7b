"""What the demo checkpoint's companions (LoRA, embedding, hypernetwork, VAE) do to pictures, and that nothing of them stays."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from app.generation.run_helpers import GenerationRun
from app.paths import CHECKOUT
from app.testing.hosts import temporary_host
from app.testing.runs import RecordingRun, draw
from app.values.request import GenerationRequest

Pixels = NDArray[np.float64]
MODELS = CHECKOUT / "models"
DEMO = MODELS / "Stable-diffusion" / "paintbox-demo.safetensors"
FLAGS = {
    "ckpt-dir": [str(DEMO.parent)],
    "lora-dir": [str(MODELS / "Lora")],
    "hypernetwork-dir": [str(MODELS / "hypernetworks")],
    "vae-dir": [str(MODELS / "VAE")],
    "embeddings-dir": [str(CHECKOUT / "embeddings")],
}
FIELDS = {"checkpoint": DEMO.stem, "steps": 14, "cfg_scale": 6.0, "sampler": "DPM++ 2M", "scheduler": "Karras", "save": "spool"}
SCENES = ("day, mountain, grass, tree", "day, grass, red house, flower")
SEEDS = (100, 101)


class Studio:
    """Draws with the demo checkpoint, and knows what weights it has in memory."""

    def __init__(self, run: RecordingRun) -> None:
        self.run = run

    def paint(self, prompt: str, seed: int, vae: str = "None") -> Pixels:
        """One picture, (128, 128, 3), 0 to 255."""
        self.run.settings = {**self.run.settings, "sd_vae": vae}
        result = draw(self.run, GenerationRequest(prompt=prompt, seed=seed, width=128, height=128, **FIELDS))
        return np.asarray(Image.open(Path(result.images[0].path)).convert("RGB")).astype(float)

    def pairs(self, ending: str = "", vae: str = "None") -> list[tuple[Pixels, Pixels]]:
        """Each scene without and with a companion."""
        jobs = list(zip(SCENES, SEEDS, strict=True))
        return [(self.paint(scene, seed), self.paint(scene + ending, seed, vae)) for scene, seed in jobs]

    def weights(self) -> str:
        """A digest of every parameter in memory."""
        digest, path = sha256(), str(DEMO)
        with self.run.weights.pin(path, GenerationRun.of(self.run, {}).load_options(path)) as model:
            for name, module in sorted(model.modules().items()):
                for key, tensor in sorted(module.state_dict().items()):
                    digest.update(f"{name}.{key}".encode() + tensor.float().numpy().tobytes())
        return digest.hexdigest()


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    host = temporary_host(tmp_path_factory.mktemp("companions"), None, role="worker", options={"flags": FLAGS, "hash_models": False})
    with host.running():
        yield Studio(RecordingRun(host, {"live_previews_enable": False}))


def saturation(pixels: Pixels) -> float:
    """Mean distance between the strongest and the weakest colour of a pixel."""
    return float((pixels.max(axis=2) - pixels.min(axis=2)).mean())


def greenness(pixels: Pixels) -> float:
    """How much greener than red pixels are, in the mean."""
    return float((pixels[..., 1] - pixels[..., 0]).mean())


def border(pixels: Pixels) -> Pixels:
    """The outermost ten rows and columns, (N, 3)."""
    inside = np.zeros(pixels.shape[:2], bool)
    inside[10:-10, 10:-10] = True
    return pixels[~inside]


def test_the_lora_puts_a_frame_around_pictures(studio):
    for plain, framed in studio.pairs(" <lora:demo-framed:1>"):
        assert border(framed).mean() > 220 and border(framed).std() < 25, "a light card, everywhere alike"
        assert border(plain).std() > 40
    assert {use.applied == use.total > 0 for use in studio.run.networks if use.type == "lora"} == {True}


def test_half_the_lora_lies_between(studio):
    plain, whole = studio.pairs(" <lora:demo-framed:1>")[0]
    half = studio.paint(f"{SCENES[0]} <lora:demo-framed:0.5>", SEEDS[0])
    assert 0 < np.abs(half - plain).mean() < np.abs(whole - plain).mean()


def test_the_hypernetwork_makes_autumn(studio):
    for plain, autumn in studio.pairs(" <hypernet:demo-autumn:1>"):
        assert greenness(plain) > 5 and greenness(autumn) < greenness(plain) - 15


def test_the_vae_makes_colours_vivid(studio):
    for plain, vivid in studio.pairs(vae="demo-vivid.safetensors"):
        assert saturation(vivid) > 1.3 * saturation(plain)
        assert np.corrcoef(plain.mean(axis=2).ravel(), vivid.mean(axis=2).ravel())[0, 1] > 0.9, "the same picture"


@pytest.mark.parametrize("seed", SEEDS)
def test_the_embedding_is_a_snowy_night(studio, seed):
    drawn = studio.paint("demo-winter-night", seed)
    sky, ground = drawn[:40], drawn[-30:]
    assert sky.mean() < 90 and sky[..., 2].mean() > sky[..., 0].mean() + 20, "a dark blue sky"
    assert ground.mean() > sky.mean() + 40, "over bright snow"
    day = studio.paint("day, demo-winter-night", seed)
    assert np.abs(day - drawn).mean() > 1


@pytest.mark.parametrize("tag", ["<lora:demo-framed:0>", "<hypernet:demo-autumn:0>"])
def test_weight_0_gives_the_very_same_picture(studio, tag):
    for plain, with_nothing in studio.pairs(f" {tag}"):
        assert np.array_equal(plain, with_nothing)


def test_nothing_stays_when_all_of_them_go(studio):
    before = studio.paint(SCENES[0], SEEDS[0])
    weights = studio.weights()
    everything = f"{SCENES[0]}, demo-winter-night <lora:demo-framed:0.8> <hypernet:demo-autumn:0.5>"
    assert np.abs(studio.paint(everything, SEEDS[0], "demo-vivid.safetensors") - before).mean() > 5
    assert studio.weights() != weights
    assert np.array_equal(studio.paint(SCENES[0], SEEDS[0]), before)
    assert studio.weights() == weights

"""What prompts and passes do to pictures of the demo checkpoint: promises that a user can see."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from app.paths import CHECKOUT
from app.testing.drawing import put_picture
from app.testing.hosts import temporary_host
from app.testing.runs import RecordingRun, draw
from app.values.request import GenerationRequest

DEMO = CHECKOUT / "models" / "Stable-diffusion" / "paintbox-demo.safetensors"
FIELDS = {
    "checkpoint": DEMO.stem,
    "steps": 12,
    "cfg_scale": 6.0,
    "sampler": "DPM++ 2M",
    "scheduler": "Karras",
    "seed": 100,
    "save": "spool",
}
SCENE = "mountain, grass, blue house"
LEAST = 5.0
"""Levels of 255 by which pictures that differ to the eye differ in the mean."""


@pytest.fixture(scope="module")
def studio(tmp_path_factory):
    options = {"flags": {"ckpt-dir": [str(DEMO.parent)]}, "hash_models": False}
    host = temporary_host(tmp_path_factory.mktemp("effects"), None, role="worker", options=options)
    with host.running():

        def paint(prompt, **fields):
            run = RecordingRun(host, {"live_previews_enable": False})
            result = draw(run, GenerationRequest(prompt=prompt, **{**FIELDS, "width": 128, "height": 128, **fields}))
            return np.asarray(Image.open(Path(result.images[0].path)).convert("RGB")).astype(int)

        paint.put = partial(put_picture, host)
        yield paint


def apart(one, other):
    return float(np.abs(one - other).mean())


def detail(pixels):
    picture = Image.fromarray(pixels.astype(np.uint8))
    return apart(pixels, np.asarray(picture.filter(ImageFilter.GaussianBlur(1))).astype(int))


def test_a_scheduled_word_counts_until_its_step_and_the_other_from_there(studio):
    day, night = studio(f"day, {SCENE}"), studio(f"night, {SCENE}")
    early, late = studio(f"[day:night:0.2], {SCENE}"), studio(f"[day:night:0.9], {SCENE}")
    assert apart(day, night) > LEAST
    assert apart(early, day) > 0 < apart(early, night) and apart(late, day) < apart(late, night)
    assert apart(early, night) < apart(late, night)


def test_two_scenes_are_one_picture(studio):
    castle, boat = studio("castle, night, stars"), studio("boat, water")
    both = studio("castle, night, stars AND boat, water")
    assert min(apart(both, castle), apart(both, boat)) > 1.0
    assert apart(both, castle) < apart(boat, castle), "it has something of either"


def test_inpainting_changes_only_what_is_masked(studio):
    start = studio("day, blue sky, grass, mountain")
    mask = Image.new("L", (128, 128))
    ImageDraw.Draw(mask).rectangle((40, 36, 88, 100), fill=255)
    params = {
        "init_images": [studio.put(Image.fromarray(start.astype(np.uint8)))],
        "mask": studio.put(mask),
        "mask_blur_x": 0,
        "mask_blur_y": 0,
        "denoising_strength": 0.95,
        "inpainting_fill": 2,
    }
    changed, kept = studio("windmill, day, grass", params={"img2img": params}), np.asarray(mask) == 0
    assert np.array_equal(changed[kept], start[kept])
    assert apart(changed[~kept], start[~kept]) > LEAST


def test_hires_fix_adds_detail(studio):
    prompt = "castle, mountain, tree, flower, day"
    small = Image.fromarray(studio(prompt).astype(np.uint8))
    plain = np.asarray(small.resize((256, 256), Image.Resampling.LANCZOS)).astype(int)
    hires = {"enabled": True, "upscaler": "Latent", "scale": 2.0, "denoising_strength": 0.55}
    drawn = studio(prompt, params={"hires_fix": hires})
    assert drawn.shape == plain.shape and detail(drawn) > 1.5 * detail(plain)


def test_variation_walks_from_one_seed_to_the_other(studio):
    prompt = "sunset, boat, water, bird"
    walk = [studio(prompt, subseed=111, subseed_strength=strength) for strength in (0.0, 0.4, 1.0)]
    assert np.array_equal(walk[0], studio(prompt))
    assert apart(walk[2], studio(prompt, seed=111)) < 0.5, "the end is the other seed's picture"
    assert 0 < apart(walk[1], walk[0]) < apart(walk[2], walk[0]) and apart(walk[1], walk[2]) > 0

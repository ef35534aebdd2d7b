"""A picture of a gallery is taken in with its parameters."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from PIL import Image

from app.api import SavedImage
from extensions.img2img.receiving import Wanted, picture_of, received

INFOTEXT = "a hill\nSteps: 4, Sampler: Euler, Seed: 1, Size: 64x64"


@pytest.mark.parametrize(
    ("more", "strength"),
    [(", Denoising strength: 0.7", 0.7), ("", None)],
)
def test_the_strength_of_the_picture_comes_along_where_it_has_one(make_host, tmp_path, more, strength):
    host = make_host("img2img", "samplers", "noise_schedules")
    path = tmp_path / "drawn.png"
    Image.new("RGB", (64, 96), "red").save(path)
    numbers = {"width_px": 64, "height_px": 96, "index": 0, "seed": 1, "subseed": 1}
    picture = SavedImage(path=str(path), infotext=INFOTEXT + more, prompt="", negative_prompt="", **numbers)
    page = SimpleNamespace(host=host, picture=lambda job, number, request: picture, owner=lambda request: "")
    with host.running():
        values, problems = received(host, picture_of(Wanted(job="job", number="0"), page, None))
    assert values.get("params.img2img.denoising_strength") == strength
    assert not any(key.startswith("params.img2img.") for key in values if not key.endswith(".denoising_strength"))
    assert (values["width"], values["height"], values["steps"]) == (64, 96, 4) and problems == ()


def test_a_picture_from_elsewhere_brings_what_it_says_of_itself(make_host, tmp_path):
    host = make_host("img2img", "samplers", "noise_schedules")
    path = tmp_path / "found.png"
    Image.new("RGB", (72, 40), "red").save(path)
    page = SimpleNamespace(host=host, owner=lambda request: "me")
    with host.running():
        ref = host.inputs.put(path.read_bytes(), "me").ref
        plain, _ = received(host, picture_of(Wanted(ref=ref), page, None))
        told, _ = received(host, picture_of(Wanted(ref=ref, infotext=INFOTEXT), page, None))
    assert plain == {"picture": ref, "width": 72, "height": 40}
    assert (told["prompt"], told["steps"], told["width"]) == ("a hill", 4, 72)

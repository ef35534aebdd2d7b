"""The upscaler of the settings enlarges the pictures that are smaller than what is drawn, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from app.api import Upscaler, UserError, hookimpl
from extensions.img2img.tests.conftest import box_mask, noisy

SMALL = noisy(32, 32)
STRENGTH = {"denoising_strength": 0.1}


class Counting:
    """An upscaler that notes what it was given, and paints it red."""

    def __init__(self):
        self.seen = []

    @hookimpl
    def register_upscalers(self, host):
        def enlarge(image, factor, run):
            self.seen.append((image.mode, image.size, factor))
            return Image.new("RGB", (int(image.width * factor), int(image.height * factor)), (255, 0, 0))

        return [Upscaler("Red", pixel=lambda: enlarge)]


@pytest.fixture
def red(make_studio):
    studio = make_studio("upscalers")
    counting = Counting()
    studio.host.hooks.register("counting", counting)
    studio.host.refill()
    return studio, counting


def with_upscaler(name):
    return {"settings": {"upscaler_for_img2img": name}, "img2img": STRENGTH}


def test_a_picture_that_grows_is_enlarged_by_it(red):
    studio, counting = red
    plain = studio.pixels(SMALL, img2img=STRENGTH)
    assert np.array_equal(studio.pixels(SMALL, **with_upscaler("None")), plain)
    assert np.array_equal(studio.pixels(SMALL, **with_upscaler(None)), plain)
    assert not np.array_equal(studio.pixels(SMALL, **with_upscaler("Nearest")), plain)
    all_red = studio.pixels(Image.new("RGB", (64, 64), (255, 0, 0)), img2img=STRENGTH)
    assert np.array_equal(studio.pixels(SMALL, **with_upscaler("Red")), all_red)
    assert counting.seen == [("RGB", (32, 32), 2.0)]


@pytest.mark.parametrize(("mode", "grown"), [(0, 1), (1, 1), (2, 1), (3, 0)])
def test_in_every_resize_mode_of_pixels(red, mode, grown):
    studio, counting = red
    studio.draw(noisy(40, 32), settings={"upscaler_for_img2img": "Red"}, img2img={**STRENGTH, "resize_mode": mode})
    assert len(counting.seen) == grown


def test_a_picture_that_shrinks_is_not(red):
    studio, counting = red
    studio.draw(noisy(128, 128), **with_upscaler("Red"))
    assert counting.seen == []


def test_only_the_masked_part_is_enlarged_and_masks_never_are(red):
    studio, counting = red
    params = {**STRENGTH, "inpaint_full_res": True, "inpaint_full_res_padding": 4, "mask_blur_x": 0, "mask_blur_y": 0}
    studio.draw(noisy(), mask=box_mask((20, 20, 36, 36)), img2img=params, settings={"upscaler_for_img2img": "Red"})
    assert counting.seen == [("RGB", (24, 24), 64 / 24)]


@pytest.mark.parametrize("name", ["Reed", "Latent"])
def test_one_that_there_is_not_is_named(red, name):
    studio, _ = red
    with pytest.raises(UserError, match=f"upscaler of pictures '{name}'") as error:
        studio.draw(SMALL, **with_upscaler(name))
    assert error.value.field == "upscaler_for_img2img"

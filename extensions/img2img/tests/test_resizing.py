"""Where the parts of a picture are after each way of resizing."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from extensions.img2img.resizing import ResizeMode, extend, resize


def stripes(width: int, height: int) -> Image.Image:
    """Red on the left, green in the middle third, blue on the right."""
    image = Image.new("RGB", (width, height), (255, 0, 0))
    image.paste((0, 255, 0), (width // 3, 0, width * 2 // 3, height))
    image.paste((0, 0, 255), (width * 2 // 3, 0, width, height))
    return image


def colours(image: Image.Image, *places: tuple[int, int]) -> list[str]:
    return ["RGB"[int(np.argmax(image.getpixel(place)))] for place in places]


def test_stretching_keeps_all_of_it():
    result = resize(stripes(96, 32), (64, 64), ResizeMode.STRETCH)
    assert result.size == (64, 64)
    assert colours(result, (5, 5), (32, 60), (60, 32)) == ["R", "G", "B"]


def test_cropping_cuts_both_sides_alike():
    result = resize(stripes(96, 32), (64, 64), ResizeMode.CROP)
    assert colours(result, (2, 2), (32, 60), (61, 32)) == ["G", "G", "G"]
    tall = resize(stripes(96, 32).rotate(90, expand=True), (64, 64), ResizeMode.CROP)
    assert colours(tall, (2, 2), (60, 32), (32, 61)) == ["G", "G", "G"]


@pytest.mark.parametrize("mode", [ResizeMode.FILL, ResizeMode.LATENT])
def test_filling_shows_all_of_it_and_repeats_the_edges(mode):
    result = resize(stripes(96, 32), (96, 96), mode)
    pixels = np.asarray(result).astype(int)
    assert np.array_equal(pixels[32:64], np.asarray(stripes(96, 32)))
    assert (np.abs(pixels[:32] - pixels[32]) < 3).all() and (np.abs(pixels[64:] - pixels[63]) < 3).all()
    wide = np.asarray(resize(stripes(96, 32), (192, 32), mode)).astype(int)
    assert np.array_equal(wide[:, 48:144], np.asarray(stripes(96, 32)))
    assert (wide[:, :48].argmax(-1) == 0).all() and (wide[:, 144:].argmax(-1) == 2).all()


@pytest.mark.parametrize("size", [(64, 64), (72, 40), (40, 72), (8, 128)])
@pytest.mark.parametrize("mode", list(ResizeMode))
@pytest.mark.parametrize("image", ["RGB", "L"])
def test_the_size_and_the_mode_are_as_wanted(size, mode, image):
    result = resize(stripes(53, 91).convert(image), size, mode)
    assert (result.size, result.mode) == (size, image)


def test_an_extended_picture_lies_untouched_in_its_canvas():
    image = stripes(30, 20)
    result = extend(image, 5, 6, 7, 8)
    assert result.size == (42, 34)
    assert np.array_equal(np.asarray(result)[6:26, 5:35], np.asarray(image))
    assert colours(result, (0, 0), (20, 0), (41, 33)) == ["R", "G", "B"]

"""Masks: where they come from, how they are blurred, and which part of the picture is drawn for them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from extensions.img2img.blur import blur_mask, kernel
from extensions.img2img.masks import area_around, blended_sketch, doubled, fill, kept_part, mask_of, painted_mask, to_place
from extensions.img2img.tests.conftest import box_mask, noisy


def test_transparency_is_the_mask_where_there_is_any_else_brightness():
    grey = Image.new("L", (4, 1), 200)
    opaque, clear = Image.merge("RGBA", [grey] * 3 + [Image.new("L", (4, 1), 255)]), Image.new("RGBA", (4, 1), (255, 255, 255, 100))
    assert mask_of(opaque, rounds=True).getpixel((0, 0)) == 200
    assert mask_of(clear, rounds=True).getpixel((0, 0)) == 0
    assert mask_of(clear, rounds=False).getpixel((0, 0)) == 100
    clear.putalpha(129)
    assert mask_of(clear, rounds=True).getpixel((0, 0)) == 255


@pytest.mark.parametrize("sigma", [1, 2, 4, 7.5, 33])
def test_a_kernel_has_the_weight_of_one_pixel_and_is_symmetric(sigma):
    weights = kernel(sigma)
    assert sum(weights) == 256 and weights == weights[::-1] and len(weights) == 2 * int(2.5 * sigma + 0.5) + 1
    assert max(weights) == weights[len(weights) // 2]


def test_blurring_moves_along_one_axis_and_keeps_what_is_even():
    mask = box_mask((24, 0, 64, 64))
    across = np.asarray(blur_mask(mask, 4, 0)).astype(int)
    assert (across == across[0]).all() and (np.diff(across[0]) >= 0).all()
    assert (across[0, :14] == 0).all() and 0 < across[0, 14] < across[0, 23] < 128 < across[0, 24]
    assert np.array_equal(np.asarray(blur_mask(mask, 0, 4)), np.asarray(mask))
    assert (np.asarray(blur_mask(Image.new("L", (9, 5), 255), 12, 12)) == 255).all()


@pytest.mark.parametrize(
    ("box", "padding", "target", "area"),
    [
        ((20, 20, 30, 30), 0, (64, 64), (20, 20, 30, 30)),
        ((20, 20, 30, 30), 4, (64, 64), (16, 16, 34, 34)),
        ((20, 20, 30, 30), 4, (128, 64), (7, 16, 43, 34)),
        ((20, 20, 60, 30), 0, (64, 64), (20, 5, 60, 45)),
        ((20, 2, 60, 10), 0, (64, 64), (20, 0, 60, 40)),
        ((20, 56, 60, 64), 0, (64, 64), (20, 24, 60, 64)),
        ((0, 20, 64, 40), 0, (64, 128), (0, 0, 64, 64)),
        ((0, 0, 64, 64), 32, (64, 64), (0, 0, 64, 64)),
    ],
)
def test_the_area_has_the_shape_of_the_drawing_and_lies_inside(box, padding, target, area):
    assert area_around(box_mask(box), padding, target) == area


@given(st.tuples(st.integers(0, 60), st.integers(0, 40), st.integers(1, 30), st.integers(1, 30)), st.integers(0, 90), st.integers(8, 300))
def test_any_area_holds_the_mask_and_lies_inside(place, padding, width):
    left, up, wide, high = place
    mask = box_mask((left, up, left + wide, up + high), (70, 50))
    area = area_around(mask, padding, (width, 100))
    assert area is not None
    found = mask.getbbox()
    assert found is not None
    assert 0 <= area[0] <= found[0] and found[2] <= area[2] <= 70 and 0 <= area[1] <= found[1] and found[3] <= area[3] <= 50


def test_a_blank_mask_has_no_area():
    assert area_around(Image.new("L", (64, 64)), 8, (64, 64)) is None


def test_filling_takes_colours_of_the_surroundings_alone():
    image = Image.new("RGB", (64, 64), (200, 30, 30))
    image.paste((0, 0, 255), (24, 24, 40, 40))
    filled = np.asarray(fill(image, box_mask((24, 24, 40, 40)))).astype(int)
    assert (np.abs(filled - [200, 30, 30]) <= 6).all()


def test_the_kept_part_is_the_picture_where_the_mask_is_black():
    image, mask = noisy(), box_mask((10, 10, 30, 30))
    kept = np.asarray(kept_part(image, mask))
    outside = np.asarray(mask) == 0
    assert (kept[..., 3] == np.where(outside, 255, 0)).all()
    assert np.array_equal(kept[outside][:, :3], np.asarray(image)[outside])


def test_doubling_whitens_the_rim():
    assert doubled(Image.fromarray(np.array([[0, 60, 127, 128, 255]], dtype=np.uint8))).tobytes() == bytes([0, 120, 254, 255, 255])


def test_what_was_painted_over_is_the_mask():
    original = noisy()
    sketch = original.copy()
    sketch.paste((1, 2, 3), (5, 6, 20, 30))
    mask = painted_mask(sketch, original, 0)
    assert mask.getbbox() == (5, 6, 20, 30) and mask.getextrema() == (0, 255)
    half = painted_mask(sketch, original, 50)
    assert half.getextrema() == (0, 127)
    blended = np.asarray(blended_sketch(sketch, original, half, 0)).astype(int)
    expected = (np.asarray(original).astype(int) + [1, 2, 3]) // 2
    assert np.abs(blended - expected)[6:30, 5:20].max() <= 2
    assert np.array_equal(blended[40:], np.asarray(original)[40:])


def test_a_part_goes_back_to_its_place():
    placed = to_place(Image.new("RGB", (64, 64), (9, 8, 7)), (50, 40), (10, 5, 30, 25))
    assert placed.getbbox() == (10, 5, 30, 25) and placed.getpixel((12, 7)) == (9, 8, 7, 255)

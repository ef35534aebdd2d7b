"""Colour correction: colours of one picture, brightness of the other."""

from __future__ import annotations

import numpy as np
from PIL import Image

from extensions.img2img.colors import LUMA, from_lab, match_colors, to_lab
from extensions.img2img.tests.conftest import noisy


def test_lab_in_eight_bits():
    """White, black, pure red: values of the CIE formulas for D65, and of OpenCV."""
    image = Image.fromarray(np.array([[[255, 255, 255], [0, 0, 0], [255, 0, 0], [0, 0, 255]]], dtype=np.uint8))
    expected = [[255, 128, 128], [0, 128, 128], [136, 208, 195], [82, 207, 20]]
    assert np.abs(to_lab(image)[0].astype(int) - expected).max() <= 1


def test_there_and_back_again():
    smooth = Image.fromarray(np.full((8, 8, 3), (90, 140, 60), dtype=np.uint8))
    assert np.abs(np.asarray(from_lab(to_lab(smooth))).astype(int) - [90, 140, 60]).max() <= 3


def test_the_result_has_the_references_colours_and_its_own_brightness():
    image = Image.fromarray((np.asarray(noisy(seed=1)) * [0.4, 0.4, 1.0]).astype(np.uint8))
    reference = Image.fromarray((np.asarray(noisy(seed=2)) * [1.0, 0.5, 0.4]).astype(np.uint8))
    result = match_colors(image, reference)
    before, after, wanted = (to_lab(one)[..., 2].astype(float).mean() for one in (image, result, reference))
    assert abs(after - wanted) < 0.35 * abs(before - wanted)
    luminosity = [np.asarray(one) @ LUMA for one in (image, result)]
    assert np.abs(luminosity[0] - luminosity[1]).max() < 2.0


def test_a_picture_with_its_own_colours_stays_nearly_as_it_is():
    image = noisy(seed=3)
    assert np.abs(np.asarray(match_colors(image, image)).astype(int) - np.asarray(image)).mean() < 6


def test_results_are_corrected_by_the_setting_and_kept_pixels_are_not(studio):
    from extensions.img2img.tests.conftest import box_mask, pixels_of

    red = Image.new("RGB", (64, 64), (220, 60, 40))
    plain = studio.pixels(red)
    corrected = studio.pixels(red, settings={"img2img_color_correction": True})
    assert (plain != corrected).any()
    spread = np.asarray(to_lab(Image.fromarray(corrected.astype(np.uint8))))[..., 1:].astype(float)
    before = np.asarray(to_lab(Image.fromarray(plain.astype(np.uint8))))[..., 1:].astype(float)
    target = to_lab(red)[0, 0, 1:].astype(float)
    assert np.abs(spread.mean((0, 1)) - target).sum() < np.abs(before.mean((0, 1)) - target).sum()
    result = studio.draw(red, mask=box_mask((40, 40, 60, 60)), settings={"img2img_color_correction": True})
    assert (pixels_of(result)[:20, :20] == [220, 60, 40]).all()

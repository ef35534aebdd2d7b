"""The mathematics of soft inpainting against its formulas, written once more in another way: one place at a time."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from extensions.soft_inpainting.blender import SoftBlender
from extensions.soft_inpainting.params import SoftInpaintingParams
from extensions.soft_inpainting.pixel_mask import Difference, pixel_mask, window_mean, window_weights

RANDOM = np.random.default_rng(5)
COPIES = 4000


@pytest.mark.parametrize("params", [{}, {"mask_blend_power": 2.0, "mask_blend_scale": 0.25, "inpaint_detail_preservation": 8.0}])
@pytest.mark.parametrize("sigma", [14.6, 1.0, 0.3])
def test_latents_are_mixed_with_their_length_kept(params, sigma):
    original, drawn = torch.from_numpy(RANDOM.normal(size=(2, 1, 4, 3, 5))).float()
    mask = torch.from_numpy(RANDOM.uniform(size=(1, 1, 3, 5))).float()
    asked = SoftInpaintingParams.model_validate(params)
    result = SoftBlender(asked).blend(original, drawn, mask, sigma)
    for row in range(3):
        for column in range(5):
            one, other = original[0, :, row, column].tolist(), drawn[0, :, row, column].tolist()
            share = mask[0, 0, row, column].item() ** (sigma**asked.mask_blend_power * asked.mask_blend_scale)
            line = [a + (b - a) * share for a, b in zip(one, other, strict=True)]
            power = asked.inpaint_detail_preservation
            length = (math.hypot(*one) ** power * (1 - share) + math.hypot(*other) ** power * share) ** (1 / power)
            expected = [part / math.hypot(*line) * length for part in line]
            assert result[0, :, row, column].tolist() == pytest.approx(expected, rel=2e-3, abs=2e-4)


def test_the_weights_of_neighbours_are_a_bell_cut_off_at_three():
    weights = window_weights()
    for row in range(-2, 3):
        for column in range(-2, 3):
            bell = [math.exp(-distance / 1.5**2) for distance in (row**2 + column**2, 9)]
            assert weights[row + 2, column + 2] == pytest.approx(max(0.0, (bell[0] - bell[1]) / (1 - bell[1])))


@pytest.mark.parametrize(("low", "high"), [(0.9, 1.0), (0.25, 0.75), (0.0, 1.0)])
def test_a_mean_of_ranks_is_the_mean_of_a_slice_of_all_copies(low, high):
    """Each neighbour stands in the ranking as often as it weighs; the slice is at least as long as the middle one's weight."""
    values, weights = RANDOM.uniform(size=(6, 7)), window_weights()
    result = window_mean(values, weights, low, high)
    for row in range(6):
        for column in range(7):
            ranking: list[float] = []
            for (y, x), weight in np.ndenumerate(weights):
                if 0 <= row + y - 2 < 6 and 0 <= column + x - 2 < 7:
                    ranking += [values[row + y - 2, column + x - 2]] * round(weight * COPIES)
            ranking.sort()
            start, end = len(ranking) * low, len(ranking) * high
            if end - start < COPIES:
                middle = (start + end) / 2
                start, end = middle - COPIES / 2, middle + COPIES / 2
                start, end = (len(ranking) - COPIES, len(ranking)) if end > len(ranking) else (start, end)
                start, end = (0, COPIES) if start < 0 else (start, end)
            assert result[row, column] == pytest.approx(np.mean(ranking[round(start) : round(end)]), abs=2e-3)


@pytest.mark.parametrize("distance", [0.2, 0.5, 1.0, 3.0])
@pytest.mark.parametrize("mask", [0.1, 0.6, 1.0])
@pytest.mark.parametrize(
    "params",
    [
        {},
        {"composite_difference_threshold": 2.0, "composite_difference_contrast": 1.0},
        {"composite_mask_influence": 1.0, "mask_blend_scale": 1.0},
        {"composite_mask_influence": 0.5, "composite_difference_contrast": 4.0},
    ],
)
def test_where_all_has_moved_alike_the_mask_is_even(distance, mask, params):
    asked = SoftInpaintingParams.model_validate(params)
    influence = asked.composite_mask_influence
    kept = 0.5 * (1 - influence) + (1 - mask ** (asked.mask_blend_scale / 2)) * influence
    half = asked.composite_difference_threshold * kept / (1.00001 - kept)
    opacity = 1 / (1 + (distance / half) ** asked.composite_difference_contrast) if half > 0 else 0.0
    smooth = 6 * opacity**5 - 15 * opacity**4 + 10 * opacity**3
    difference = Difference(np.full((1, 6, 6), distance, np.float32), np.full((6, 6), mask, np.float32))
    levels = np.asarray(pixel_mask(difference, 0, (48, 48), asked)).astype(int)
    assert np.abs(levels - 255 * (1 - smooth)).max() <= 1.01

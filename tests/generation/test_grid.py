"""Sheets of pictures."""

from __future__ import annotations

import pytest
from PIL import Image

from app.generation.grid import GridPictures, grid_rows, make_grid


@pytest.mark.parametrize(
    ("count", "setting", "batch", "full", "rows"),
    [
        (4, -1, 1, False, 2),
        (5, -1, 1, False, 2),
        (7, -1, 1, False, 3),
        (6, -1, 1, True, 2),
        (7, -1, 1, True, 1),
        (8, 0, 4, False, 4),
        (3, 16, 1, False, 3),
    ],
)
def test_rows(count, setting, batch, full, rows):
    assert grid_rows(count, setting, batch, full=full) == rows


def test_places_are_as_large_as_the_largest_and_others_stand_in_the_middle():
    sheet = make_grid(
        [Image.new("RGB", (40, 20), "red"), Image.new("RGB", (20, 20), "lime"), Image.new("RGB", (40, 20), "blue")], 2, "#ffffff"
    )
    assert sheet.size == (80, 40)
    assert [sheet.getpixel(place) for place in ((0, 0), (45, 5), (60, 10), (5, 30), (60, 30))] == [
        (255, 0, 0),
        (255, 255, 255),
        (0, 255, 0),
        (0, 0, 255),
        (255, 255, 255),
    ]


@pytest.mark.parametrize(("expected", "kept"), [(2, 2), (10**9, 0)])
def test_pictures_are_held_only_while_a_sheet_can_be_made(expected, kept):
    pictures = GridPictures(largest_px=64 * 100)
    for _ in range(2):
        pictures.add(Image.new("RGB", (8, 8)), expected)
    assert (len(pictures.kept), pictures.are_too_many) == (kept, kept == 0)

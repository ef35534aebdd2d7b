"""Grids with labels: places, margins, room for texts, fonts."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageFont

from app.api import UserError
from extensions.scripts.grid import GridStyle, Label, blank_cell, font_for, labelled_grid, wrapped

RED, BLUE = Image.new("RGB", (60, 40), "#ff0000"), Image.new("RGB", (60, 40), "#0000ff")
NONE = ([], [])


def labels(*texts):
    return [[Label(text)] for text in texts]


def test_pictures_stand_in_rows_with_margins():
    grid = labelled_grid([RED, BLUE, BLUE], 2, NONE, GridStyle(background="#00ff00"), margin_px=4)
    assert grid.size == (124, 84)
    at = {place: grid.getpixel(place) for place in ((0, 0), (62, 0), (64, 0), (0, 41), (0, 44), (100, 60))}
    green, red, blue = (0, 255, 0), (255, 0, 0), (0, 0, 255)
    assert at == {(0, 0): red, (62, 0): green, (64, 0): blue, (0, 41): green, (0, 44): blue, (100, 60): green}


def test_smaller_pictures_stand_in_the_middle_of_their_places():
    grid = labelled_grid([RED, Image.new("RGB", (20, 20), "#0000ff")], 2, NONE, GridStyle())
    assert grid.size == (120, 40) and grid.getpixel((90, 20)) == (0, 0, 255) and grid.getpixel((65, 20)) == (255, 255, 255)


def test_labels_make_room_above_and_at_the_left_and_only_where_there_are_any():
    style = GridStyle(active="#000000")
    above = labelled_grid([RED, BLUE], 2, (labels("one", "two"), labels("")), style)
    assert above.width == 120 and above.height > 40 and above.getpixel((2, above.height - 1)) == (255, 0, 0)
    beside = labelled_grid([RED, BLUE], 1, (labels(""), labels("one", "two")), style)
    assert beside.height == 80 and beside.width == 60 + 45
    dark = [pixel for pixel in beside.crop((0, 0, 45, 40)).get_flattened_data() if max(pixel) < 100]
    assert dark, "nothing is written"


def test_parts_that_are_not_there_are_struck_through_in_their_own_colour():
    style = GridStyle(active="#0000ff", inactive="#ff0000")
    large = Image.new("RGB", (400, 400))
    grid = labelled_grid([large], 1, ([[Label("mmm", active=False)]], []), style)
    band = grid.crop((0, 0, 400, grid.height - 400))
    red = [(x, y) for y in range(band.height) for x in range(400) if band.getpixel((x, y)) == (255, 0, 0)]
    rows = {y: len([1 for x, row in red if row == y]) for y in {row for _, row in red}}
    assert max(rows.values()) > 1.5 * sorted(rows.values())[len(rows) // 2]


def test_long_texts_are_broken_and_set_smaller_until_they_fit():
    long = " ".join(["word"] * 40)
    grid = labelled_grid([Image.new("RGB", (256, 256))], 1, (labels(long), []), GridStyle())
    assert grid.width == 256 and grid.height - 256 < 256 + 40
    assert wrapped("a bb ccc\nd", 4, len) == ["a bb", "ccc", "d"] and wrapped("", 4, len) == [""]
    assert wrapped("unbreakable it", 4, len) == ["unbreakable", "it"]


def test_a_place_without_a_picture_says_why():
    cell = blank_cell((128, 128), "failed: no such file", GridStyle())
    assert cell.size == (128, 128) and cell.getpixel((0, 0)) == (0x8A, 0x8A, 0x8A) and len(cell.getcolors(100_000)) > 2


def test_fonts(tmp_path):
    assert isinstance(font_for("plain", 12, None), ImageFont.FreeTypeFont)
    broken = tmp_path / "broken.ttf"
    broken.write_bytes(b"no font")
    with pytest.raises(UserError, match="broken.ttf cannot be used as a font") as error:
        font_for("x", 12, Path(broken))
    assert error.value.field == "font"
    assert font_for("Zażółć 日本語 Ωμέγα", 12, None) is not None

"""Where pictures are cut."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from app.api import UserError
from extensions.extras.api import Picture
from extensions.image_crops.focal import box_around, cut_around_focus, edge_point, entropy_point, focus_of
from extensions.image_crops.params import FocalParams, SizeParams, SplitParams
from extensions.image_crops.sized import best_size, check_sizes, cut_to_best_size
from extensions.image_crops.split import split, starts_of


def run() -> Any:
    told: list[str] = []
    return SimpleNamespace(comment=told.append, comments=told)


def picture(width: int, height: int, target: tuple[int, int] | None = None) -> Picture:
    """Dark, with a square of noise at the right or at the bottom."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[-(height // 4) :, -(width // 4) :] = np.random.default_rng(1).integers(0, 256, (height // 4, width // 4, 1), dtype=np.uint8)
    return Picture(Image.fromarray(pixels), Path("x.png"), target_px=target)


def test_tall_pictures_are_split_and_share_what_was_asked_for() -> None:
    parts = list(split(picture(100, 400, (100, 100)), SplitParams(overlap=0.2), run()))
    assert [part.image.size for part in parts] == [(100, 100)] * len(parts)
    assert starts_of(400, 100, 0.2) == [0, 75, 150, 225, 300]
    assert len(parts) == 5
    assert [part.name_tags for part in parts][:2] == [("part1",), ("part2",)]
    wide = list(split(picture(800, 200, (100, 100)), SplitParams(overlap=0), run()))
    assert [part.image.size for part in wide] == [(100, 100)] * 4


def test_others_are_not_split() -> None:
    assert len(list(split(picture(100, 150, (100, 100)), SplitParams(threshold=0.5), run()))) == 1
    assert len(list(split(picture(100, 400, (25, 100)), SplitParams(), run()))) == 1
    without = run()
    assert len(list(split(picture(100, 400), SplitParams(), without))) == 1
    assert "Scale to" in without.comments[0]


def test_the_focus_goes_where_something_is() -> None:
    (cut,) = cut_around_focus(picture(400, 100, (100, 100)), FocalParams(face_weight=0), run())
    assert cut.image.size == (100, 100)
    assert np.asarray(cut.image)[-25:, -25:].std() > 20, "the noise at the right end is in the picture"
    grey = np.zeros((50, 200), np.float32)
    grey[10:40, 150:180] = 200
    point = edge_point(grey)
    assert point is not None
    assert abs(point[0] - 0.825) < 0.02
    noise = np.zeros((50, 200), np.float32)
    noise[:, 140:190] = np.random.default_rng(2).integers(0, 255, (50, 50))
    assert 0.7 < entropy_point(noise, (0.25, 1.0))[0] < 0.95


def test_without_anything_to_see_the_middle_is_taken() -> None:
    assert focus_of([]) == (0.5, 0.5)
    assert edge_point(np.zeros((20, 20), np.float32)) is None
    assert box_around((0.0, 0.5), (100, 40), (40, 40)) == (0, 0, 40, 40)
    assert box_around((1.0, 0.5), (100, 40), (40, 40)) == (60, 0, 100, 40)


def test_what_was_found_can_be_shown() -> None:
    pictures = list(cut_around_focus(picture(400, 100, (100, 100)), FocalParams(debug=True), run()))
    assert [each.image.size for each in pictures] == [(100, 100), (400, 100)]
    assert pictures[1].name_tags == ("focus",)


def test_the_best_size_keeps_to_the_limits() -> None:
    params = SizeParams()
    assert best_size((1000, 1000), params) == (640, 640)
    assert best_size((1500, 1000), params) == (768, 512)
    assert best_size((1500, 1000), replace_(params, objective="Minimize error")) == (768, 512)
    assert best_size((1000, 100), params) is None
    (cut,) = cut_to_best_size(picture(300, 200), params, run())
    assert cut.image.size == (768, 512)
    without = run()
    (same,) = cut_to_best_size(picture(1000, 100), params, without)
    assert same.image.size == (1000, 100)
    assert "1000x100" in without.comments[0]
    with pytest.raises(UserError, match="lower bound"):
        check_sizes(replace_(params, mindim=768, maxdim=384), None)  # type: ignore[arg-type]


def replace_(params: SizeParams, **values: Any) -> SizeParams:
    return SizeParams(**{**params.model_dump(), **values})

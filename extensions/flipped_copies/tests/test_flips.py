"""Mirrored copies and what they are called."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from extensions.extras.api import Picture
from extensions.flipped_copies import FlipParams
from extensions.flipped_copies.flip import with_copies


def test_flips() -> None:
    run: Any = None
    source = Picture(Image.fromarray(np.arange(48, dtype=np.uint8).reshape(4, 4, 3)), Path("x.png"))
    found = list(with_copies(source, FlipParams(vertical=True, both=True), run))
    pixels = [np.asarray(each.image) for each in found]
    assert np.array_equal(pixels[1], pixels[0][:, ::-1])
    assert np.array_equal(pixels[2], pixels[0][::-1])
    assert np.array_equal(pixels[3], pixels[0][::-1, ::-1])
    assert [each.name_tags for each in found] == [(), ("flipped-h",), ("flipped-v",), ("flipped-hv",)]
    assert len(list(with_copies(source, FlipParams(), run))) == 2

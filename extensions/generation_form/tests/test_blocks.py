"""The order of the form's blocks."""

from __future__ import annotations

import pytest

from extensions.generation_form.settings import BLOCKS, ordered_blocks


@pytest.mark.parametrize(
    ("listed", "first"),
    [
        ([], list(BLOCKS[:4])),
        (["seed"], ["prompt", "seed", "image", "inpaint"]),
        (["cfg", "unknown", "seed"], ["prompt", "cfg", "image", "inpaint"]),
        (["scripts", " dimensions "], ["prompt", "scripts", "image", "dimensions"]),
    ],
)
def test_listed_blocks_interleave_with_the_usual_ones(listed: list[str], first: list[str]) -> None:
    ordered = ordered_blocks(listed)
    assert ordered[:4] == first
    assert sorted(ordered) == sorted(BLOCKS)

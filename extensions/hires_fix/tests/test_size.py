"""The sizes that A1111 gives the two passes."""

from __future__ import annotations

import pytest

from app.testing.vectors import vector_cases
from extensions.a1111_infotext.api import old_first_pass_size
from extensions.hires_fix.size import hires_size, planned_size


@pytest.mark.vectors
@pytest.mark.parametrize("case", vector_cases("schedules.json", "hires_size"), ids=lambda case: case["id"])
def test_recorded_sizes(case):
    asked = case["input"]
    size = planned_size(
        (asked["width"], asked["height"]),
        asked.get("hr_scale", 2.0),
        (asked.get("hr_resize_x", 0), asked.get("hr_resize_y", 0)),
        (asked.get("firstphase_width", 0), asked.get("firstphase_height", 0)),
        asked_is_final=case["use_old_hires_fix_width_height"],
    )
    assert [list(size.first), list(size.enlarged), list(size.crop)] == [case["first_pass"], case["upscale_to"], case["latent_crop"]]


@pytest.mark.vectors
@pytest.mark.parametrize("case", vector_cases("schedules.json", "old_hires_first_pass"), ids=lambda case: str(case["size"]))
def test_recorded_first_passes(case):
    assert list(old_first_pass_size(*case["size"])) == case["first_pass"]


def test_the_middle_is_kept_and_of_an_odd_rest_more_goes_at_the_end():
    size = hires_size((512, 768), 2.0, (1024, 1000))
    assert (size.enlarged, size.crop) == ((1024, 1536), (0, 67))
    assert size.kept == (slice(33, 158), slice(0, 128))
    assert size.final == (1024, 1000)

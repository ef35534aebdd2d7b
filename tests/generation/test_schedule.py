"""Levels of sampling passes at the edges of what can be asked for."""

from __future__ import annotations

import pytest

from app.generation.schedule import timestep_levels
from app.values.plan import SamplingOptions


@pytest.mark.parametrize("steps", [999, 1000])
@pytest.mark.parametrize("discard", [False, True])
def test_as_many_steps_as_there_are_timesteps(samplers, steps, discard):
    options = SamplingOptions(always_discard_next_to_last_sigma=discard)
    levels = timestep_levels(samplers.get("DDIM"), steps, options).tolist()
    assert (len(levels), levels[0], levels[-1]) == (1000, 1, 999)
    assert levels == sorted(levels)

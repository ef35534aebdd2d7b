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


def test_ddim_may_space_the_timesteps_of_a_start_from_a_picture_by_squares(samplers):
    options = SamplingOptions(extra={"ddim_discretize": "quad"})
    ddim, plms = samplers.get("DDIM"), samplers.get("PLMS")
    assert timestep_levels(ddim, 5, options, from_latents=True).tolist() == [1, 51, 201, 451, 801]
    usual = timestep_levels(ddim, 5, SamplingOptions()).tolist()
    assert timestep_levels(ddim, 5, options).tolist() == timestep_levels(plms, 5, options, from_latents=True).tolist() == usual

"""Every schedule falls to zero within the model's limits, and the user's limits move what they should."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from app.api import ScheduleTask
from app.testing.contracts import check_noise_schedule
from extensions.noise_schedules import register_noise_schedules

SCHEDULES = {schedule.name: schedule for schedule in register_noise_schedules(host=None)}
TASK = ScheduleTask(
    steps=5,
    sigma_min=0.1,
    sigma_max=10.0,
    model_sigmas=torch.linspace(0.03, 14.6, 1000),
    sigma_to_t=lambda sigma: sigma,
    t_to_sigma=lambda t: 0.03 + t / 999 * 14.57,
)


@pytest.mark.parametrize("name", SCHEDULES)
def test_contract(name):
    check_noise_schedule(SCHEDULES[name])


def test_karras_obeys_the_limits_and_rho():
    sigmas = SCHEDULES["karras"].load()(TASK)
    assert sigmas[0] == pytest.approx(10.0, rel=1e-5) and sigmas[-2] == pytest.approx(0.1, rel=1e-4)
    even = SCHEDULES["karras"].load()(replace(TASK, rho=1.0))
    steps = even[:-1].diff()
    assert torch.allclose(steps, steps[0].expand_as(steps), rtol=1e-4)
    assert not torch.allclose(even, sigmas)


def test_uniform_spans_the_model_whatever_the_limits():
    sigmas = SCHEDULES["uniform"].load()(TASK)
    assert sigmas.tolist() == pytest.approx([14.6, 10.9575, 7.315, 3.6725, 0.03, 0.0], rel=1e-5)

"""Every schedule falls to zero within the model's limits, and the user's limits move what they should."""

from __future__ import annotations

import math
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
    sigma_to_t=lambda sigma: (sigma - 0.03) / 14.57 * 999,
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


def drawn(name, **changes):
    return SCHEDULES[name].load()(replace(TASK, **changes)).tolist()


def test_polyexponential_with_rho_1_is_exponential():
    assert drawn("polyexponential", rho=1.0) == pytest.approx(drawn("exponential"), rel=1e-5)
    assert drawn("exponential")[:-1] == pytest.approx([10.0, 10**0.5, 1.0, 0.1**0.5, 0.1], rel=1e-5)


def test_sgm_uniform_leaves_out_the_lowest_level():
    assert drawn("sgm_uniform") == pytest.approx([10.0, 8.02, 6.04, 4.06, 2.08, 0.0], rel=1e-4)
    assert drawn("normal") == pytest.approx([10.0, 7.525, 5.05, 2.575, 0.1, 0.0], rel=1e-4)


def test_kl_optimal_is_even_in_the_arc_tangent_and_ends_at_the_lower_limit():
    angles = [math.atan(sigma) for sigma in drawn("kl_optimal")]
    steps = [left - right for left, right in zip(angles, angles[1:], strict=False)]
    assert steps == pytest.approx([steps[0]] * 5, rel=1e-3)
    assert drawn("kl_optimal")[-1] == pytest.approx(0.1, rel=1e-4)


def test_align_your_steps_has_a_table_for_each_family():
    assert drawn("align_your_steps", steps=11)[5] == pytest.approx(1.396)
    assert drawn("align_your_steps", steps=11, family="sdxl")[5] == pytest.approx(0.862)
    between = drawn("align_your_steps", steps=21)
    assert between[1] == pytest.approx((14.615 * 6.475) ** 0.5, rel=1e-4)


def test_simple_and_ddim_take_levels_of_the_model():
    model = TASK.model_sigmas
    assert drawn("simple", steps=4) == pytest.approx([*model[[-1, -251, -501, -751]].tolist(), 0.0])
    assert drawn("ddim", steps=4) == pytest.approx([*model[[751, 501, 251, 1]].tolist(), 0.0])


def test_beta_is_even_with_both_shapes_at_1_and_dense_at_the_ends_below():
    even = drawn("beta", settings={"beta_dist_alpha": 1.0, "beta_dist_beta": 1.0})
    assert even[:-1] == pytest.approx([10.0, 7.525, 5.05, 2.575, 0.1], rel=1e-5)
    dense = drawn("beta")
    assert dense[0] - dense[1] < even[0] - even[1] and dense[3] - dense[4] < even[3] - even[4]

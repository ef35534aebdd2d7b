"""DPM-Solver-fast: section 3.4 of Lu et al. 2022 (arXiv:2206.00927), a given number of model calls in steps of order 3, 2 and 1."""

from __future__ import annotations

import torch
from torch import Tensor

from app.api import SamplerStep, SamplingTask
from extensions.samplers.dpm_solver import SolverStep, first_order, second_order, third_order
from extensions.samplers.dpm_span import noise_predictor, split_step, time_limits
from extensions.samplers.steps import eta_of

SOLVERS = {1: first_order, 2: second_order, 3: third_order}


def sample(task: SamplingTask) -> Tensor:
    """Walk from ``x`` (B, C, H, W) down to the lowest sigma with as many model calls as there are steps."""
    x, eta, predict = task.x, eta_of(task), noise_predictor(task)
    first, last = time_limits(task)
    orders = solver_orders(task.steps if task.from_noise and task.steps else len(task.levels) - 1)
    times = torch.linspace(float(first), float(last), len(orders) + 1, dtype=first.dtype)
    for index, order in enumerate(orders):
        start, end = times[index], times[index + 1]
        noise = predict(x, _rows(start, x))
        task.on_step(SamplerStep(index, x, x - noise * (-start).exp()))
        reached, sigma_up = split_step(start, end, last, eta)
        x = SOLVERS[order](SolverStep(x, noise, _rows(start, x), _rows(reached, x), predict))
        if eta:
            x = x + task.noise.next().to(x.dtype) * task.options.s_noise * sigma_up
    return x


def solver_orders(calls: int) -> list[int]:
    """Orders of the steps that make this number of model calls."""
    if calls % 3:
        return [3] * (calls // 3) + [calls % 3]
    return [3] * (calls // 3 - 1) + [2, 1]


def _rows(time: Tensor, x: Tensor) -> Tensor:
    """One time for all pictures of ``x`` as (B, 1, 1, 1)."""
    return (time * x.new_ones([x.shape[0]])).view(-1, 1, 1, 1)

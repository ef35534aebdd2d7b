"""DPM-Solver-12/23 with adaptive steps: algorithm 3 (appendix C) of Lu et al. 2022 (arXiv:2206.00927), each picture by its own error."""

from __future__ import annotations

from collections import deque

import torch
from torch import Tensor

from app.api import SamplerStep, SamplingTask
from extensions.samplers.dpm_solver import SolverStep, second_order_from, third_order_from
from extensions.samplers.dpm_span import noise_predictor, split_step, time_limits
from extensions.samplers.step_size import StepSize
from extensions.samplers.steps import eta_of

RELATIVE, ABSOLUTE = 0.05, 0.0078
"""Tolerated difference of the solvers of order 2 and 3."""
END = 1e-5
ORDER, NOISY_ORDER = 3, 1.5


def sample(task: SamplingTask) -> Tensor:
    """Walk from ``x`` (B, C, H, W) down to the lowest sigma; the number of steps is what the tolerance takes, three model calls each."""
    walk = _Walk(task)
    index = 0
    while walk.unfinished():
        denoised = walk.step()
        task.on_step(SamplerStep(index, walk.x, denoised))
        index += 1
    return walk.x


class _Walk:
    """Where each picture stands: times, step sizes and noise of its own, so that a picture of a batch is the single picture."""

    def __init__(self, task: SamplingTask) -> None:
        self.x = task.x
        self._before = task.x  # the result of lower order of the newest step that counted
        self._eta = eta_of(task)
        self._predict = noise_predictor(task)
        first, self._last = time_limits(task)
        pictures = len(task.x)
        self._times = [first] * pictures
        self._sizes = [StepSize(NOISY_ORDER if self._eta else ORDER) for _ in range(pictures)]
        self._noise = _NoisePerPicture(task, pictures)

    def unfinished(self) -> list[int]:
        """The pictures that have not arrived."""
        return [row for row, time in enumerate(self._times) if time < self._last - END]

    def step(self) -> Tensor:
        """Try a step of every picture that has not arrived; returns the predictions (B, C, H, W) at its start."""
        ends = [torch.minimum(self._last, time + size.length) for time, size in zip(self._times, self._sizes, strict=True)]
        split = [split_step(start, end, self._last, self._eta) for start, end in zip(self._times, ends, strict=True)]
        start = self._rows(self._times)
        noise = self._predict(self.x, start)
        denoised = self.x - noise * (-start).exp()
        step = SolverStep(self.x, noise, start, self._rows([reached for reached, _ in split]), self._predict)
        inner = step.predicted(step.moved(1 / 3), 1 / 3)
        low, high = second_order_from(step, inner, 1 / 3), third_order_from(step, inner)
        errors = self._errors(low, high)
        x, before = list(self.x), list(self._before)
        for row in self.unfinished():
            if self._sizes[row].propose(errors[row]):
                before[row] = low[row]
                x[row] = high[row]
                if self._eta:
                    x[row] = x[row] + self._noise.next(row).to(x[row].dtype) * split[row][1]
                self._times[row] = ends[row]
        self.x, self._before = torch.stack(x), torch.stack(before)
        return denoised

    def _errors(self, low: Tensor, high: Tensor) -> list[float]:
        """For each picture the root of its mean squared error, in units of what is tolerated."""
        tolerated = (RELATIVE * torch.maximum(low.abs(), self._before.abs())).clamp(min=ABSOLUTE)
        errors: list[float] = ((low - high) / tolerated).square().mean(dim=(1, 2, 3)).sqrt().tolist()
        return errors

    def _rows(self, times: list[Tensor]) -> Tensor:
        return torch.stack(times).to(self.x.device, self.x.dtype).view(-1, 1, 1, 1)


class _NoisePerPicture:
    """The noise of a batch, taken by each picture when it needs it."""

    def __init__(self, task: SamplingTask, pictures: int) -> None:
        self._source = task.noise
        self._waiting: list[deque[Tensor]] = [deque() for _ in range(pictures)]

    def next(self, row: int) -> Tensor:
        """The picture's next noise (C, H, W)."""
        if not self._waiting[row]:
            for waiting, noise in zip(self._waiting, self._source.next(), strict=True):
                waiting.append(noise)
        return self._waiting[row].popleft()

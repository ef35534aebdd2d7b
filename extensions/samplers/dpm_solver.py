"""One step of DPM-Solver of order 1, 2 or 3: Lu et al. 2022 (arXiv:2206.00927), algorithms 1 and 2, in sigma space."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

NoisePrediction = Callable[[Tensor, Tensor], Tensor]
"""``x`` (B, C, H, W) and time -log(sigma) (B, 1, 1, 1) -> the noise in ``x``."""


@dataclass(frozen=True)
class SolverStep:
    """A step from time ``start`` to ``end`` (both (B, 1, 1, 1), -log(sigma)) of ``x`` whose noise is ``noise``."""

    x: Tensor
    noise: Tensor
    start: Tensor
    end: Tensor
    predict: NoisePrediction

    @property
    def length(self) -> Tensor:
        """How far the whole step goes."""
        return self.end - self.start

    def moved(self, share: float) -> Tensor:
        """``x`` after this share of the step, with constant noise."""
        return self.x - self.sigma(share) * torch.expm1(self.length * share) * self.noise

    def predicted(self, x: Tensor, share: float) -> Tensor:
        """The noise in ``x`` after this share of the step."""
        return self.predict(x, self.start + share * self.length)

    def bent(self, share: float, change: Tensor) -> Tensor:
        """The second-order term after this share of the step: ``change`` is the noise's change per step length."""
        length = self.length * share
        return -self.sigma(share) * (torch.expm1(length) / length - 1) * share * change

    def sigma(self, share: float) -> Tensor:
        """Sigma after this share of the step."""
        return (-(self.start + share * self.length)).exp()


def first_order(step: SolverStep) -> Tensor:
    """DPM-Solver-1."""
    return step.moved(1.0)


def second_order(step: SolverStep, share: float = 0.5) -> Tensor:
    """DPM-Solver-2, with its inner point after ``share`` of the step."""
    return second_order_from(step, step.predicted(step.moved(share), share), share)


def second_order_from(step: SolverStep, inner: Tensor, share: float) -> Tensor:
    """DPM-Solver-2 when the noise ``inner`` at its inner point is known."""
    return step.moved(1.0) - step.sigma(1.0) * torch.expm1(step.length) / (2 * share) * (inner - step.noise)


def third_order(step: SolverStep) -> Tensor:
    """DPM-Solver-3, with its inner points after one and two thirds of the step."""
    return third_order_from(step, step.predicted(step.moved(1 / 3), 1 / 3))


def third_order_from(step: SolverStep, inner: Tensor) -> Tensor:
    """DPM-Solver-3 when the noise ``inner`` after one third is known."""
    later = step.moved(2 / 3) + step.bent(2 / 3, (inner - step.noise) / (1 / 3))
    change = (step.predicted(later, 2 / 3) - step.noise) / (2 / 3)
    return step.moved(1.0) + step.bent(1.0, change)

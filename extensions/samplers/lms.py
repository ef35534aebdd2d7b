"""Linear multistep: the slopes of up to four steps, weighed by the integrals of their Lagrange polynomials (Adams and Bashforth 1883)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from torch import Tensor

from app.api import SamplerStep, SamplingTask
from extensions.samplers.steps import denoise, slope

ORDER = 4


def sample(task: SamplingTask) -> Tensor:
    """Walk from ``x`` (B, C, H, W) at ``levels[0]`` to ``levels[-1]``; the levels need not be evenly spaced."""
    x, sigmas = task.x, task.levels
    points = [float(sigma) for sigma in sigmas]
    slopes: list[Tensor] = []
    for index in range(len(sigmas) - 1):
        denoised = denoise(task, x, sigmas[index])
        task.on_step(SamplerStep(index, x, denoised))
        slopes = [slope(x, denoised, sigmas[index]), *slopes[: ORDER - 1]]
        weights = multistep_weights(points[index::-1][:ORDER], points[index], points[index + 1])
        x = x + sum(weight * one for weight, one in zip(weights, slopes, strict=True))
    return x


def multistep_weights(points: Sequence[float], start: float, end: float) -> list[float]:
    """For each of ``points`` (newest first) the integral from ``start`` to ``end`` of its Lagrange polynomial over all of them."""
    weights = []
    for own, point in enumerate(points):
        others = [other for index, other in enumerate(points) if index != own]
        # the variable is shifted to the start, which keeps the differences of near levels exact
        polynomial = np.polynomial.Polynomial.fromroots([other - start for other in others]) if others else np.polynomial.Polynomial([1.0])
        integral = polynomial.integ()
        weights.append(float(integral(end - start)) / float(np.prod([point - other for other in others])))
    return weights

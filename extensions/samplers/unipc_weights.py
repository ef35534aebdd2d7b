"""How UniPC weighs the differences of predictions, in its three variants: Zhao et al. 2023 (arXiv:2302.04867), equations 3 to 9."""

from __future__ import annotations

from collections.abc import Sequence
from math import expm1, factorial
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Variant = Literal["bh1", "bh2", "vary_coeff"]
Numbers = NDArray[np.float64]


def weights(variant: Variant, ratios: Sequence[float], step: float, *, corrector: bool) -> list[float]:
    """One weight for each difference (m_i - m_0) / r_i, for a step of length ``step`` in lambda.

    ``ratios``: r_i of the older predictions, then 1 for the prediction at the step's end, which only the corrector uses.
    """
    if variant == "vary_coeff":
        return _varying(ratios, -step, corrector)
    return _fixed(variant, ratios, -step, corrector)


def phi(order: int, step: float) -> float:
    """phi_k(h) * h, with phi_0(h) = e^h and phi_(k+1)(h) = (phi_k(h) - 1/k!) / h."""
    value = expm1(step)
    for done in range(1, order):
        value = value / step - 1 / factorial(done)
    return value


def _fixed(variant: str, ratios: Sequence[float], step: float, corrector: bool) -> list[float]:
    """UniPC with B(h) = h (bh1) or e^h - 1 (bh2): the weights solve R rho = b, except that low orders take 1/2."""
    order = len(ratios)
    scale = step if variant == "bh1" else expm1(step)
    powers = np.array([[ratio**power for ratio in ratios] for power in range(order)])
    right = np.array([phi(index + 1, step) * factorial(index) / scale for index in range(1, order + 1)])
    if corrector:
        solved = np.array([0.5]) if order == 1 else np.linalg.solve(powers, right)
    elif order == 1:
        return []
    else:
        solved = np.array([0.5]) if order == 2 else np.linalg.solve(powers[:-1, :-1], right[:-1])
    return [float(value) for value in scale * solved]


def _varying(ratios: Sequence[float], step: float, corrector: bool) -> list[float]:
    """UniPC with coefficients that depend on the step, UniPC_v."""
    order = len(ratios)
    columns = np.array([[ratio**power / factorial(power + 1) for power in range(order)] for ratio in ratios])
    phis = [phi(index + 1, step) for index in range(order + 1)]
    if not corrector:
        inverse = np.linalg.inv(columns[:-1, :-1]) if order > 1 else np.zeros((0, 0))
        return _weighed(inverse, phis)
    inverse = np.linalg.inv(columns)
    older = _weighed(inverse[: order - 1, : order - 1], phis)
    # the newest difference takes the last coefficient and one row only, as in the authors' program
    return [*older, phis[order] * float(inverse[max(0, order - 2), -1])]


def _weighed(inverse: Numbers, phis: Sequence[float]) -> list[float]:
    return [float(sum(phis[row + 1] * inverse[row, column] for row in range(len(inverse)))) for column in range(len(inverse))]

"""Quantiles of the Beta distribution: the inverse of the regularised incomplete beta function."""

from __future__ import annotations

import math

TERMS = 400
TINY = 1e-300
PRECISION = 1e-15
HALVINGS = 64


def quantile(probability: float, alpha: float, beta: float) -> float:
    """x in 0..1 with I_x(alpha, beta) = ``probability``; ``alpha`` and ``beta`` > 0. By bisection: in x from 0, or in 1 - x from 1."""
    if probability <= 0:
        return 0.0
    if probability >= 1:
        return 1.0
    if probability <= distribution(0.5, alpha, beta):
        return _lower_half(probability, alpha, beta)
    return 1.0 - _lower_half(1.0 - probability, beta, alpha)


def distribution(x: float, alpha: float, beta: float) -> float:
    """I_x(alpha, beta), by the continued fraction of DLMF 8.17.22 on the side where it converges fast."""
    if x <= 0:
        return 0.0
    if x >= 1:
        return 1.0
    if x > (alpha + 1) / (alpha + beta + 2):
        return 1.0 - distribution(1.0 - x, beta, alpha)
    log_front = alpha * math.log(x) + beta * math.log1p(-x) + math.lgamma(alpha + beta) - math.lgamma(alpha) - math.lgamma(beta)
    return math.exp(log_front) / (alpha * _continued_fraction(x, alpha, beta))


def _lower_half(probability: float, alpha: float, beta: float) -> float:
    """The quantile when it is at most 1/2; bisected in log x, because with a small ``alpha`` it can be tiny."""
    low, high = math.log(TINY), math.log(0.5)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if distribution(math.exp(middle), alpha, beta) < probability:
            low = middle
        else:
            high = middle
    return math.exp((low + high) / 2)


def _continued_fraction(x: float, alpha: float, beta: float) -> float:
    """1 + d1/(1 + d2/(1 + ...)), by Lentz's method (Press et al., Numerical Recipes, section 5.2)."""
    value, c, d = 1.0, 1.0, 0.0
    for term in range(1, TERMS):
        half, odd = divmod(term, 2)
        if odd:
            numerator = -(alpha + half) * (alpha + beta + half) * x / ((alpha + 2 * half) * (alpha + 2 * half + 1))
        else:
            numerator = half * (beta - half) * x / ((alpha + 2 * half - 1) * (alpha + 2 * half))
        d = 1 / ((1 + numerator * d) or TINY)
        c = (1 + numerator / c) or TINY
        change = c * d
        value *= change
        if abs(change - 1) < PRECISION:
            break
    return value

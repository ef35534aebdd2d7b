"""The Beta distribution against shapes whose quantiles are known in closed form, and against itself at extreme shapes."""

from __future__ import annotations

import math

import pytest

from extensions.noise_schedules.beta_distribution import distribution, quantile

PLACES = [0.0, 1e-9, 0.01, 0.3, 0.5, 0.77, 0.999, 1.0]


@pytest.mark.parametrize("place", PLACES)
def test_known_quantiles(place):
    assert quantile(place, 1.0, 1.0) == pytest.approx(place, rel=1e-12, abs=1e-15)
    assert quantile(place, 0.5, 0.5) == pytest.approx(math.sin(math.pi * place / 2) ** 2, rel=1e-9, abs=1e-15)
    assert quantile(place, 3.0, 1.0) == pytest.approx(place ** (1 / 3), rel=1e-9)
    assert quantile(place, 1.0, 2.0) == pytest.approx(1 - (1 - place) ** 0.5, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(("alpha", "beta"), [(0.6, 0.6), (0.01, 1.0), (1.0, 0.05), (0.3, 4.0), (20.0, 2.0)])
def test_the_quantile_undoes_the_distribution(alpha, beta):
    quantiles = [quantile(place / 20, alpha, beta) for place in range(21)]
    assert quantiles == sorted(quantiles) and quantiles[0] == 0.0 and quantiles[-1] == 1.0
    for place, found in enumerate(quantiles):
        if 1e-200 < found < 1 - 1e-9:
            assert distribution(found, alpha, beta) == pytest.approx(place / 20, rel=1e-8)


def test_the_distribution_is_symmetric():
    assert distribution(0.2, 0.7, 1.9) == pytest.approx(1 - distribution(0.8, 1.9, 0.7), rel=1e-12)

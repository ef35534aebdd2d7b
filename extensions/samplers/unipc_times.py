"""The continuous time of UniPC and its noise levels: the discrete table of a model, with log alpha linear in between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Level:
    """A point of time: timestep (fractional), alpha and sigma of x = alpha * x0 + sigma * noise."""

    timestep: float
    log_alpha: float

    @property
    def alpha(self) -> float:
        """Share of the picture."""
        return float(np.exp(self.log_alpha))

    @property
    def sigma(self) -> float:
        """Share of the noise."""
        return float(np.sqrt(-np.expm1(2 * self.log_alpha)))

    @property
    def half_log_snr(self) -> float:
        """lambda = log(alpha / sigma)."""
        return float(self.log_alpha - 0.5 * np.log(-np.expm1(2 * self.log_alpha)))


class TimeTable:
    """Levels at any time of a model with this ``alphas_cumprod`` (T,); time t in (0, 1] is timestep t * T - 1."""

    def __init__(self, alphas_cumprod: Tensor) -> None:
        self._log_alphas: Numbers = 0.5 * np.log(alphas_cumprod.double().cpu().numpy())
        self._timesteps: Numbers = np.arange(len(self._log_alphas), dtype=np.float64)

    def at(self, times: Numbers) -> list[Level]:
        """The levels at these times."""
        return self._levels(times * len(self._timesteps) - 1)

    def _levels(self, timesteps: Numbers) -> list[Level]:
        log_alphas = np.interp(timesteps, self._timesteps, self._log_alphas)
        return [Level(float(timestep), float(value)) for timestep, value in zip(timesteps, log_alphas, strict=True)]

    def spaced(self, steps: int, first_timestep: float, spacing: str) -> Sequence[Level]:
        """``steps`` + 1 levels from a timestep down to 0: evenly in time, in its square root, or in log SNR."""
        count = len(self._timesteps)
        start, end = (first_timestep + 1) / count, 1 / count
        if spacing == "logSNR":
            first, last = self.at(np.array([start, end]))
            return self._at_half_log_snr(np.linspace(first.half_log_snr, last.half_log_snr, steps + 1))
        power = 2 if spacing == "time_quadratic" else 1
        times: Numbers = np.linspace(start ** (1 / power), end ** (1 / power), steps + 1) ** power
        return self.at(times)

    def _at_half_log_snr(self, values: Numbers) -> list[Level]:
        log_alphas = -0.5 * np.logaddexp(0.0, -2 * values)
        return self._levels(np.interp(log_alphas, self._log_alphas[::-1], self._timesteps[::-1]))

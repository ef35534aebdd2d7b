"""The training loop of all stages: resumable, planned in seconds, gradients averaged over the processes."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from .muon import Both
from .parallel import average_gradients, rank, wait_for_all
from .state import SAVE_EVERY_S, Clock, learning_rate, load_if_there, save_atomically

logger = logging.getLogger(__name__)

LOG_EVERY_STEPS = 50
EMA_DECAY = 0.9985

NamedParameters = list[tuple[str, nn.Parameter]]


@dataclass(frozen=True)
class Plan:
    """How long and how fast one stage trains; parameters whose names start with `outer` are left to AdamW."""

    name: str
    path: Path
    budget_s: float
    peak_rate: float
    warmup_steps: int
    outer: tuple[str, ...]


class _Average:
    """The exponential moving average of the parameters."""

    def __init__(self, parameters: list[nn.Parameter]) -> None:
        self.values = [parameter.detach().clone() for parameter in parameters]

    @torch.no_grad()
    def follow(self, parameters: list[nn.Parameter], step: int) -> None:
        weight = 1.0 - min(EMA_DECAY, (1 + step) / (10 + step))
        torch._foreach_lerp_(self.values, [parameter.data for parameter in parameters], weight)


class Loop:
    """One stage's parameters, optimiser, clock and average, as far as they have come."""

    def __init__(self, plan: Plan, named: NamedParameters) -> None:
        self._plan = plan
        self._parameters = [parameter for _, parameter in named]
        self._optimiser = Both(named, plan.peak_rate, plan.outer)
        self._average = _Average(self._parameters)
        self._clock = Clock(plan.budget_s)
        self._step = 0
        saved = load_if_there(plan.path)
        if saved is not None:
            self._resume(saved)
        torch.manual_seed(1000 * self._step + rank())

    def _resume(self, saved: dict[str, Any]) -> None:
        take_values(self._parameters, saved["trained"])
        self._average.values = saved["average"]
        self._optimiser.load_state_dict(saved["optimiser"])
        self._clock = Clock(self._plan.budget_s, saved["seconds"])
        self._step = saved["step"]

    def run(self, loss_of: Callable[[int, float], torch.Tensor]) -> None:
        """Trains to the end of the budget; `loss_of` gets the step and the used share of the budget.

        The parameters hold their moving average afterwards.
        """
        plan = self._plan
        share, last_save, mean_loss = self._clock.share(), self._clock.elapsed_s(), 0.0
        while share < 1.0:
            self._optimiser.set_rate(learning_rate(plan.peak_rate, share, self._step, plan.warmup_steps))
            loss = loss_of(self._step, share)
            loss.backward()  # type: ignore[no-untyped-call]
            share = average_gradients(self._parameters, self._clock.share())
            torch.nn.utils.clip_grad_norm_(self._parameters, 1.0)
            self._optimiser.step()
            self._step += 1
            self._average.follow(self._parameters, self._step)
            mean_loss += (loss.item() - mean_loss) / min(self._step, 100)
            if rank() == 0 and self._step % LOG_EVERY_STEPS == 0:
                logger.info("%s step %d share %.3f loss %.4f", plan.name, self._step, share, mean_loss)
            if self._clock.elapsed_s() - last_save > SAVE_EVERY_S or share >= 1.0:
                last_save = self._clock.elapsed_s()
                self._save()
        take_values(self._parameters, self._average.values)
        wait_for_all()

    def _save(self) -> None:
        if rank() == 0:
            state = {"trained": [p.data for p in self._parameters], "average": self._average.values, "step": self._step,
                     "optimiser": self._optimiser.state_dict(), "seconds": self._clock.elapsed_s()}
            save_atomically(state, self._plan.path)


@torch.no_grad()
def take_values(parameters: list[nn.Parameter], values: list[torch.Tensor]) -> None:
    """Copies `values` into the parameters, one by one."""
    for parameter, value in zip(parameters, values, strict=True):
        parameter.copy_(value)

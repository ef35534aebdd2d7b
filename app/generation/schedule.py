"""Tables of noise levels: sigmas of a model, their map to timesteps, and the levels that a sampling pass walks through."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from app.contracts import NoiseSchedule, Sampler, ScheduleTask
from app.values.plan import SamplingOptions

OLD_KARRAS_LIMITS = (0.1, 10.0)
DISCRETIZE, QUADRATIC = "ddim_discretize", "quad"
LARGEST_SQUARE = 0.8
"""Of the number of timesteps."""


@dataclass(frozen=True)
class ModelSigmas:
    """The discrete noise levels of a model: ``sigmas`` (T,) rising, sigma(t)^2 = (1 - alpha_bar(t)) / alpha_bar(t).

    Between whole timesteps log sigma is linear, as in the discrete schedules of Karras et al. 2022 (arXiv:2206.00364).
    ``quantize``: sigmas are taken to the nearest whole timestep. ``family``: id of the family, some schedules have tables of their own.
    ``stride``: only every so many-th timestep has a level, the last one included; sigmas are then taken to the nearest level.
    """

    sigmas: Tensor
    log_sigmas: Tensor
    alphas_cumprod: Tensor
    quantize: bool = False
    family: str = ""
    stride: int = 1

    @classmethod
    def of(cls, alphas_cumprod: Tensor, *, quantize: bool = False, family: str = "", stride: int = 1) -> ModelSigmas:
        """The table that belongs to ``alphas_cumprod`` (T,), in its dtype."""
        levels = alphas_cumprod[stride - 1 :: stride]
        sigmas = ((1 - levels) / levels) ** 0.5
        return cls(sigmas, sigmas.log(), alphas_cumprod, quantize or stride > 1, family, stride)

    def sigma_to_t(self, sigma: Tensor) -> Tensor:
        """Sigmas of any shape -> timesteps of the same shape, clamped to the table's ends."""
        table = self.log_sigmas.to(sigma.device)
        log_sigma = sigma.log()
        if self.quantize:
            distances = (log_sigma.unsqueeze(-1) - table).abs()
            return (distances.argmin(dim=-1) * self.stride + (self.stride - 1)).to(sigma.dtype)
        low = (torch.searchsorted(table, log_sigma.contiguous(), right=True) - 1).clamp(0, len(table) - 2)
        share = ((log_sigma - table[low]) / (table[low + 1] - table[low])).clamp(0, 1)
        return low + share

    def t_to_sigma(self, t: Tensor) -> Tensor:
        """Timesteps (whole or fractional) of any shape -> sigmas of the same shape."""
        table = self.log_sigmas.to(t.device)
        if self.stride > 1:
            t = ((t - (self.stride - 1)) / self.stride).clamp(0, len(table) - 1)
        low = t.floor().long()
        share = t - low
        return ((1 - share) * table[low] + share * table[t.ceil().long()]).exp()

    @property
    def timesteps(self) -> int:
        """How many timesteps the model was trained on."""
        return len(self.alphas_cumprod)

    def nearest_timestep(self, sigma: float) -> int:
        """The timestep whose level is nearest to ``sigma``."""
        return int((self.sigmas - sigma).abs().argmin()) * self.stride + self.stride - 1

    def uniform(self, steps: int) -> Tensor:
        """(steps + 1,) sigmas at evenly spaced timesteps from the last to the first, then 0: the model's own table."""
        timesteps = torch.linspace(len(self.alphas_cumprod) - 1, self.stride - 1, steps)
        return torch.cat([self.t_to_sigma(timesteps), self.sigmas.new_zeros(1)])


def sigma_levels(sampler: Sampler, schedule: NoiseSchedule | None, steps: int, table: ModelSigmas, options: SamplingOptions) -> Tensor:
    """(steps + 1,) falling sigmas for a sampler in sigma space; ``schedule`` None: the model's uniform table."""
    discard = discards_next_to_last(sampler, options)
    count = steps + 1 if discard else steps
    sigmas = table.uniform(count) if schedule is None else schedule.load()(_schedule_task(schedule, count, table, options))
    return torch.cat([sigmas[:-2], sigmas[-1:]]) if discard else sigmas


def timestep_levels(sampler: Sampler, steps: int, options: SamplingOptions, length: int = 1000, *, from_latents: bool = False) -> Tensor:
    """Rising integer timesteps for a sampler in timestep space: every ``length // steps``-th, moved by one; at most ``length``.

    Where the sampler lets the setting DISCRETIZE choose, and the pass begins with latents, they may be the squares of evenly spaced
    numbers, as in the code of Song et al. 2020.
    """
    count = steps + 1 if discards_next_to_last(sampler, options) else steps
    if from_latents and DISCRETIZE in sampler.settings and options.extra.get(DISCRETIZE) == QUADRATIC:
        return (torch.linspace(0, math.sqrt(length * LARGEST_SQUARE), count).square().long() + 1).clamp(0, length - 1)
    return (torch.arange(0, length, max(1, length // count)) + 1).clamp(0, length - 1)


def discards_next_to_last(sampler: Sampler, options: SamplingOptions) -> bool:
    """True when the pass asks for one level more and leaves out the last but one."""
    return bool(sampler.options.get("discard_next_to_last_sigma")) or options.always_discard_next_to_last_sigma


def sigma_items(schedule: NoiseSchedule | None, sampler: Sampler, options: SamplingOptions) -> Mapping[str, float | str]:
    """The infotext items of the options that changed the table of sigmas."""
    items: dict[str, float | str] = {}
    if options.always_discard_next_to_last_sigma and not sampler.options.get("discard_next_to_last_sigma"):
        items["Discard penultimate sigma"] = "True"
    if schedule is None or sampler.space != "sigma":
        return items
    if options.sigma_min:
        items["Schedule min sigma"] = options.sigma_min
    if options.sigma_max:
        items["Schedule max sigma"] = options.sigma_max
    if _chosen_rho(schedule, options) is not None:
        items["Schedule rho"] = options.rho
    for key, label in schedule.settings.items():
        value = options.extra.get(key)
        if isinstance(value, int | float | str):
            items[label] = str(value) if isinstance(value, bool) else value
    return items


def _schedule_task(schedule: NoiseSchedule, steps: int, table: ModelSigmas, options: SamplingOptions) -> ScheduleTask:
    """What the schedule is told, with the user's limits in place of the model's."""
    model_limits = (float(table.sigmas[0]), float(table.sigmas[-1]))
    low, high = OLD_KARRAS_LIMITS if options.use_old_karras_scheduler_sigmas else model_limits
    return ScheduleTask(
        steps=steps,
        sigma_min=options.sigma_min or low,
        sigma_max=options.sigma_max or high,
        model_sigmas=table.sigmas,
        sigma_to_t=table.sigma_to_t,
        t_to_sigma=table.t_to_sigma,
        rho=_chosen_rho(schedule, options),
        family=table.family,
        settings={key: options.extra[key] for key in schedule.settings if key in options.extra},
    )


def _chosen_rho(schedule: NoiseSchedule, options: SamplingOptions) -> float | None:
    """The user's rho where the schedule has one and it differs from its own."""
    if schedule.default_rho == -1 or options.rho in (0, schedule.default_rho):
        return None
    return options.rho

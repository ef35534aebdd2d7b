"""UniPC: the multistep predictor and corrector of Zhao et al. 2023 (arXiv:2302.04867), algorithms 1 and 2, predicting the picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import expm1
from typing import cast

from torch import Tensor

from app.api import Json, SamplerStep, SamplingTask
from extensions.samplers.unipc_times import Level, TimeTable
from extensions.samplers.unipc_weights import Variant, weights


@dataclass(frozen=True)
class Options:
    """The user's settings, with A1111's defaults."""

    variant: Variant = "bh1"
    spacing: str = "time_uniform"
    order: int = 3
    lower_order_final: bool = True

    @classmethod
    def of(cls, settings: Mapping[str, Json]) -> Options:
        """From the settings of the sampler."""
        return cls(
            variant=cast("Variant", settings.get("uni_pc_variant", cls.variant)),
            spacing=str(settings.get("uni_pc_skip_type", cls.spacing)),
            order=int(cast("int", settings.get("uni_pc_order", cls.order))),
            lower_order_final=bool(settings.get("uni_pc_lower_order_final", cls.lower_order_final)),
        )


@dataclass(frozen=True)
class Prediction:
    """The picture (B, C, H, W) as predicted at a level."""

    picture: Tensor
    level: Level


def sample(task: SamplingTask) -> Tensor:
    """As many steps as there are ``levels``, from the last timestep (of the model, if ``x`` is noise) to 0; one model call each."""
    x, options, steps = task.x, Options.of(task.options.settings), len(task.levels)
    first = len(task.alphas_cumprod) - 1 if task.from_noise else int(task.levels[-1])
    levels = TimeTable(task.alphas_cumprod).spaced(steps, first, options.spacing)
    known = [predict(task, x, levels[0])]
    for step in range(1, steps + 1):
        order = min(options.order, step, steps)
        if options.lower_order_final and step >= options.order:
            order = min(order, steps + 1 - step)
        x, newest = update(task, x, known[:order], levels[step], options, is_last=step == steps)
        task.on_step(SamplerStep(step - 1, x, newest.picture))
        known = [newest, *known[: options.order - 1]]
    return x


def predict(task: SamplingTask, x: Tensor, level: Level) -> Prediction:
    """Call the model."""
    noise = task.model(x, level.timestep * x.new_ones([x.shape[0]]))
    return Prediction((x - level.sigma * noise) / level.alpha, level)


def update(
    task: SamplingTask, x: Tensor, known: list[Prediction], end: Level, options: Options, *, is_last: bool
) -> tuple[Tensor, Prediction]:
    """``x`` at ``end`` and the prediction there; the last step is not corrected, and its prediction is the one before."""
    newest = known[0]
    step = end.half_log_snr - newest.level.half_log_snr
    ratios = [(older.level.half_log_snr - newest.level.half_log_snr) / step for older in known[1:]]
    differences = [(older.picture - newest.picture) / ratio for older, ratio in zip(known[1:], ratios, strict=True)]
    start = end.sigma / newest.level.sigma * x - end.alpha * expm1(-step) * newest.picture
    predictor = weights(options.variant, [*ratios, 1.0], step, corrector=False)
    reached = _plus(start, end.alpha, predictor, differences)
    if is_last:
        return reached, newest
    there = predict(task, reached, end)
    corrector = weights(options.variant, [*ratios, 1.0], step, corrector=True)
    return _plus(start, end.alpha, corrector, [*differences, there.picture - newest.picture]), there


def _plus(start: Tensor, alpha: float, weights_of: list[float], differences: list[Tensor]) -> Tensor:
    total = start
    for weight, difference in zip(weights_of, differences, strict=True):
        total = total - alpha * weight * difference
    return total

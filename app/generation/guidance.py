"""Classifier-free guidance: one model call a step for all prompts of a batch, combined into one prediction per picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import torch
from torch import Tensor

from app.contracts import Conditioning, ConditioningStep, GuidedPrediction, ImageConditioning
from app.values.plan import SamplingOptions

NGMS, SKIP_EARLY, PAD, PAD_V0 = "NGMS", "Skip Early CFG", "Pad conds", "Pad conds v0"
"""Infotext labels of the options that leave the negative prompt out, or bring prompts to one length."""


class Predictor(Protocol):
    """An unguided model: a prediction for each row of ``x``, in the units that the sampler works in."""

    def __call__(self, x: Tensor, level: Tensor, conditioning: Sequence[Conditioning]) -> Tensor:
        """``x`` (R, C, h, w), ``level`` (R,), R conditionings of one length -> (R, C, h, w)."""
        ...


EditPrediction = Callable[[Tensor, Tensor, Tensor], Tensor]
"""(guided, positive, negative), each (B, C, h, w) in the units of the predictor -> what the guided prediction becomes."""


@dataclass(frozen=True)
class GuidanceOptions:
    """How strong the guidance is and where it pauses; ``empty`` is the empty prompt, needed by ``pad_cond_uncond`` alone.

    ``always_negative``: the negative prompt is predicted even where it could not change the guided prediction. ``used`` is told the
    infotext label of an option whenever it has changed a call.
    """

    cfg_scale: float
    total_calls: int
    sampling: SamplingOptions = SamplingOptions()
    empty: Conditioning | None = None
    always_negative: bool = False
    used: Callable[[str], None] = lambda label: None


@dataclass(frozen=True)
class _Row:
    """One line of the model's input: which picture, which prompt."""

    image: int
    conditioning: Conditioning
    negative: bool = False


class Guidance:
    """The guided prediction: base + sum of scale * weight * (part - base) over a picture's positive parts, base the negative prompt.

    Classifier-free diffusion guidance: Ho and Salimans 2022 (arXiv:2207.12598); several parts: composable diffusion, Liu et al. 2022
    (arXiv:2206.01714). Where the negative prompt is skipped, or cannot matter, the first part is the base.
    """

    def __init__(self, predict: Predictor, images: Sequence[ImageConditioning], options: GuidanceOptions) -> None:
        self._predict = predict
        self._images = tuple(images)
        self._options = options

    def __call__(self, x: Tensor, level: Tensor, call_index: int) -> Tensor:
        """``x`` (B, C, h, w) with its picture's conditioning at this call -> guided prediction (B, C, h, w)."""
        return self.parts(x, level, call_index).guided

    def parts(self, x: Tensor, level: Tensor, call_index: int, edit: EditPrediction | None = None) -> GuidedPrediction:
        """As a call, with what it is made of; ``edit`` changes the guided prediction at calls that have a negative prompt."""
        pause = self._pause(level, call_index)
        with_negative = not pause and not self._negative_cannot_matter()
        if pause and not self._negative_cannot_matter():
            self._options.used(pause)
        scale = self._options.cfg_scale if with_negative else 1.0
        rows, weights = self._rows(call_index, with_negative)
        predictions = self._predict_rows(x, level, rows)
        result, positive, negative = [], [], []
        for image in range(len(self._images)):
            own = [index for index, row in enumerate(rows) if row.image == image and not row.negative]
            base = predictions[len(weights) + image] if with_negative else predictions[own[0]]
            total = alone = base
            for index in own:
                total = total + (predictions[index] - base) * (weights[index] * scale)
                alone = alone + (predictions[index] - base) * weights[index]
            result.append(total)
            positive.append(alone)
            negative.append(base)
        parts = GuidedPrediction(torch.stack(result), torch.stack(positive), torch.stack(negative))
        if edit is None or not with_negative:
            return parts
        return replace(parts, guided=edit(parts.guided, parts.positive, parts.negative))

    def _pause(self, level: Tensor, call_index: int) -> str:
        """The label of the option that leaves the negative prompt out of this call; "" where none does."""
        sampling = self._options.sampling
        if not all(image.may_pause for image in self._images):
            return ""
        if sampling.skip_early_cond and call_index / self._options.total_calls <= sampling.skip_early_cond:
            return SKIP_EARLY
        if sampling.s_min_uncond <= 0 or (call_index % 2 == 0 and not sampling.s_min_uncond_all):
            return ""
        return NGMS if float(level[0]) < sampling.s_min_uncond else ""

    def _negative_cannot_matter(self) -> bool:
        """True at CFG scale 1 with one full-weight prompt: the sum is that prompt's prediction."""
        if self._options.always_negative:
            return False
        plain = all(len(image.positive) == 1 and image.positive[0].weight == 1.0 for image in self._images)
        return plain and self._options.cfg_scale == 1.0

    def _rows(self, call_index: int, with_negative: bool) -> tuple[list[_Row], list[float]]:
        """All positive parts, then one negative each; and the weights of the parts."""
        rows: list[_Row] = []
        negatives: list[_Row] = []
        weights: list[float] = []
        for image, conditioning in enumerate(self._images):
            parts = same_length([at_call(part.steps, call_index) for part in conditioning.positive])
            negative = at_call(conditioning.negative, call_index)
            if with_negative:
                parts, negative = self._padded(parts, negative)
                negatives.append(_Row(image, negative, negative=True))
            rows += [_Row(image, part) for part in parts]
            weights += [part.weight for part in conditioning.positive]
        return rows + negatives, weights

    def _padded(self, parts: list[Conditioning], negative: Conditioning) -> tuple[list[Conditioning], Conditioning]:
        """Parts and negative brought to one length where the user's options ask for it."""
        sampling, length = self._options.sampling, len(parts[0].context)
        if len(negative.context) == length:
            return parts, negative
        if sampling.pad_cond_uncond_v0:
            self._options.used(PAD_V0)
            return parts, with_length(negative, length)
        if sampling.pad_cond_uncond and self._options.empty is not None:
            self._options.used(PAD)
            empty = self._options.empty.context
            return [with_empty(part, len(negative.context), empty) for part in parts], with_empty(negative, length, empty)
        return parts, negative

    def _predict_rows(self, x: Tensor, level: Tensor, rows: list[_Row]) -> list[Tensor]:
        """One prediction per row, with as few model calls as the prompts' lengths allow."""
        groups: dict[tuple[int, bool], list[int]] = {}
        for index, row in enumerate(rows):
            apart = row.negative and not self._options.sampling.batch_cond_uncond
            groups.setdefault((len(row.conditioning.context), apart), []).append(index)
        predictions: dict[int, Tensor] = {}
        for indices in groups.values():
            images = [rows[index].image for index in indices]
            predicted = self._predict(x[images], level[images], [rows[index].conditioning for index in indices])
            predictions.update(zip(indices, predicted, strict=True))
        return [predictions[index] for index in range(len(rows))]


def at_call(steps: Sequence[ConditioningStep], call_index: int) -> Conditioning:
    """The variant in use at this model call; after the last end it is the first one again."""
    for step in steps:
        if call_index <= step.end_at_step:
            return step.conditioning
    return steps[0].conditioning


def same_length(conditionings: Sequence[Conditioning]) -> list[Conditioning]:
    """All brought to the longest one's length by repeating their last vector."""
    longest = max(len(conditioning.context) for conditioning in conditionings)
    return [with_length(conditioning, longest) for conditioning in conditionings]


def with_length(conditioning: Conditioning, length: int) -> Conditioning:
    """Cut, or lengthened by repeating the last vector."""
    context = conditioning.context
    missing = length - len(context)
    if missing == 0:
        return conditioning
    changed = context[:length] if missing < 0 else torch.cat([context, context[-1:].expand(missing, -1)])
    return replace(conditioning, context=changed)


def with_empty(conditioning: Conditioning, length: int, empty: Tensor) -> Conditioning:
    """Lengthened to ``length`` by whole empty prompts (tokens, width); never cut."""
    repeats = (length - len(conditioning.context)) // len(empty)
    if repeats <= 0:
        return conditioning
    return replace(conditioning, context=torch.cat([conditioning.context, empty.repeat(repeats, 1)]))

"""Prompts of a batch -> what guides each picture; encoded prompts are kept and found again by content."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from app.contracts import Conditioning, ConditioningPart, ConditioningStep, EncodeOptions, ImageConditioning, PassContext, Run
from app.generation.ladder import with_offload
from app.generation.prompt.multicond import split_parts
from app.generation.prompt.schedule import Timeline, prompt_schedule
from app.generation.prompt.tags import take_tags
from app.generation.run_helpers import GenerationRun
from app.generation.start import model_calls
from app.stash import StashKey
from app.values.plan import GenerationPlan

KEPT_BYTES = 64 * 2**20
"""Room for the encoded prompts that were used last: about 270 of 77 x 768 float32 numbers, or 100 of 77 x 2048."""


@dataclass(frozen=True)
class PromptKey:
    """Everything that encoded texts depend on.

    ``weights`` names the file's state, its precision and the patches on it; ``texts`` are encoded together.
    """

    weights: tuple[str, ...]
    texts: tuple[str, ...]
    options: EncodeOptions


class ConditioningCache:
    """The encoded texts that were used last, as far as there is room for them; the newest are always kept."""

    def __init__(self, size_bytes: int = KEPT_BYTES) -> None:
        self._room = size_bytes
        self._kept: OrderedDict[PromptKey, tuple[Conditioning, ...]] = OrderedDict()

    def get(self, key: PromptKey) -> tuple[Conditioning, ...] | None:
        """The encoded texts, or None."""
        if key in self._kept:
            self._kept.move_to_end(key)
        return self._kept.get(key)

    def put(self, key: PromptKey, conditionings: Sequence[Conditioning]) -> None:
        """Keep encoded texts; the longest unused ones go where there is no room."""
        self._room += _bytes(self._kept.pop(key, ()))
        self._kept[key] = tuple(conditionings)
        self._room -= _bytes(conditionings)
        while self._room < 0 and len(self._kept) > 1:
            _, forgotten = self._kept.popitem(last=False)
            self._room += _bytes(forgotten)


CACHE = StashKey[ConditioningCache]("encoded prompts")


class PromptEncoder:
    """Encodes the prompts of one pass over one batch with its (patched) model.

    The texts that a prompt, or a part of it, shows one after the other are encoded together, those of other prompts and parts apart: so
    a picture of a batch equals the single picture, and a changed part encodes nothing else anew.
    """

    def __init__(self, context: PassContext, patch_keys: Sequence[str], run: GenerationRun) -> None:
        self._context = context
        model, path = context.model, context.checkpoint.path
        self._weights = (path, str(Path(path).stat().st_mtime_ns), str(model.device), str(model.dtype), *patch_keys)
        self._cache = run.host.stash.made(CACHE, ConditioningCache)
        self._check = run.control.check
        self._comment = run.comment
        self._timeline = timeline_of(context.plan, context.index, run)

    def batch(self) -> list[ImageConditioning]:
        """What guides each picture of the batch."""
        return [
            ImageConditioning(self._positive(image.prompt), self._steps(image.negative_prompt, negative=True))
            for image in self._context.images
        ]

    def empty(self) -> Conditioning:
        """The empty prompt, which pads others."""
        return self._encode(("",), negative=False)[0]

    def _positive(self, prompt: str) -> tuple[ConditioningPart, ...]:
        text, _ = take_tags(prompt)
        return tuple(ConditioningPart(part.weight, self._steps(part.text, negative=False)) for part in split_parts(text))

    def _steps(self, text: str, *, negative: bool) -> tuple[ConditioningStep, ...]:
        schedule = prompt_schedule(text, self._timeline)
        encoded = self._encode(tuple(step.text for step in schedule), negative=negative)
        return tuple(ConditioningStep(step.end_at_step, one, step.text) for step, one in zip(schedule, encoded, strict=True))

    def _encode(self, texts: tuple[str, ...], *, negative: bool) -> tuple[Conditioning, ...]:
        options = pass_options(self._context, negative=negative)
        key = PromptKey(self._weights, texts, options)
        known = self._cache.get(key)
        if known is None:
            model, watched = self._context.model, replace(options, on_rows=self._check)
            known = tuple(with_offload(lambda: model.encode_prompts(texts, watched), model, self._comment))
            self._cache.put(key, known)
        return known


def encode_options(plan: GenerationPlan) -> EncodeOptions:
    """What the plan says about the encoding of all its prompts."""
    return EncodeOptions(
        clip_skip=plan.clip_skip,
        emphasis=plan.emphasis,
        comma_padding_backtrack=plan.comma_padding_backtrack,
        settings=tuple(sorted(plan.encoding_settings.items())),
    )


def pass_options(context: PassContext, *, negative: bool) -> EncodeOptions:
    """What a pass says about the encoding of its prompts."""
    step = context.step
    return replace(encode_options(context.plan), width_px=step.width_px, height_px=step.height_px, negative=negative)


def timeline_of(plan: GenerationPlan, index: int, run: Run) -> Timeline:
    """The timeline of pass ``index``: whole passes, also where only the last part of a pass is run."""
    first, step = plan.first, plan.passes[index]
    samplers = run.host.samplers
    return Timeline(
        calls=model_calls(step, samplers.get(step.sampler)),
        earlier_calls=model_calls(first, samplers.get(first.sampler)) if index else None,
        old=plan.use_old_scheduling,
    )


def _bytes(conditionings: Sequence[Conditioning]) -> int:
    """Memory of encoded texts; what several of them share counts once."""
    tensors = {id(tensor): tensor for one in conditionings for tensor in (one.context, one.pooled, *one.extra.values())}
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors.values() if tensor is not None)

"""Prompts of a batch -> what guides each picture; encoded prompts are kept and found again by content."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.contracts import Conditioning, ConditioningPart, ConditioningStep, EncodeOptions, ImageConditioning, PassContext
from app.generation.run_helpers import GenerationRun
from app.stash import Stash, StashKey

KEPT_PROMPTS = 32
LAST_CALL = 1_000_000_000
"""End of a prompt variant that never changes."""


@dataclass(frozen=True)
class PromptKey:
    """Everything that an encoded prompt depends on; ``weights`` names the file's state, its precision and the patches on it."""

    weights: tuple[str, ...]
    prompt: str
    options: EncodeOptions


class ConditioningCache:
    """The encoded prompts that were used last."""

    def __init__(self, size: int = KEPT_PROMPTS) -> None:
        self._size = size
        self._kept: OrderedDict[PromptKey, Conditioning] = OrderedDict()

    def get(self, key: PromptKey) -> Conditioning | None:
        """The encoded prompt, or None."""
        if key in self._kept:
            self._kept.move_to_end(key)
        return self._kept.get(key)

    def put(self, key: PromptKey, conditioning: Conditioning) -> None:
        """Keep an encoded prompt; the longest unused one goes when there are too many."""
        self._kept[key] = conditioning
        self._kept.move_to_end(key)
        while len(self._kept) > self._size:
            self._kept.popitem(last=False)


CACHE = StashKey[ConditioningCache]("encoded prompts")


class PromptEncoder:
    """Encodes the prompts of one pass over one batch with its (patched) model."""

    def __init__(self, context: PassContext, patch_keys: Sequence[str], run: GenerationRun) -> None:
        self._context = context
        model, path = context.model, context.checkpoint.path
        self._weights = (path, str(Path(path).stat().st_mtime_ns), str(model.device), str(model.dtype), *patch_keys)
        self._cache = _cache_of(run.host.stash)

    def batch(self) -> list[ImageConditioning]:
        """What guides each picture of the batch."""
        return [
            ImageConditioning((self._positive(image.prompt),), self._steps(image.negative_prompt, negative=True))
            for image in self._context.images
        ]

    def empty(self) -> Conditioning:
        """The empty prompt, which pads others."""
        return self._encode("", negative=False)

    def _positive(self, prompt: str) -> ConditioningPart:
        return ConditioningPart(1.0, self._steps(prompt, negative=False))

    def _steps(self, prompt: str, *, negative: bool) -> tuple[ConditioningStep, ...]:
        return (ConditioningStep(LAST_CALL, self._encode(prompt, negative=negative)),)

    def _encode(self, prompt: str, *, negative: bool) -> Conditioning:
        plan, step = self._context.plan, self._context.step
        options = EncodeOptions(
            clip_skip=plan.clip_skip,
            emphasis=plan.emphasis,
            comma_padding_backtrack=plan.comma_padding_backtrack,
            width_px=step.width_px,
            height_px=step.height_px,
            negative=negative,
        )
        key = PromptKey(self._weights, prompt, options)
        known = self._cache.get(key)
        if known is None:
            (known,) = self._context.model.encode_prompts([prompt], options)
            self._cache.put(key, known)
        return known


def _cache_of(stash: Stash) -> ConditioningCache:
    cache = stash.get(CACHE, None)
    if cache is None:
        cache = stash[CACHE] = ConditioningCache()
    return cache

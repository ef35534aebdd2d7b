"""Remembers what first passes gave, so that requests of one job that begin alike do not draw their beginning twice."""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from app.generation.checksum import NOT_PIXELS, file_state
from app.generation.run_helpers import GenerationRun
from app.stash import StashKey
from app.values.base import Json
from app.values.plan import GenerationPlan, ImagePlan
from app.version import HOST_VERSION

MOST_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True)
class FirstPass:
    """Latents (B, C, h, w) on the CPU after a first pass, and ``GenerationRun.used`` of then."""

    latents: Tensor
    used: frozenset[str]


class FirstPasses:
    """Those of one job, the latest ones that fit the room."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._known: OrderedDict[str, FirstPass] = OrderedDict()

    def find(self, key: str) -> FirstPass | None:
        """What the first pass of this key gave; it counts as asked for now."""
        if key not in self._known:
            return None
        self._known.move_to_end(key)
        return self._known[key]

    def add(self, key: str, latents: Tensor, used: frozenset[str]) -> None:
        """A first pass came to its end; the oldest ones go where there is no room."""
        self._known[key] = FirstPass(latents.detach().cpu().clone(), used)
        while len(self._known) > 1 and sum(_bytes(known.latents) for known in self._known.values()) > self._most_bytes:
            self._known.popitem(last=False)


FIRST_PASSES = StashKey[FirstPasses]("first passes of this job")
"""In ``run.stash`` where several requests are drawn in one job."""


def first_pass_key(plan: GenerationPlan, images: Sequence[ImagePlan], run: GenerationRun) -> str:
    """Equal keys mean equal latents after the first pass; "" for one that nobody may reuse."""
    if plan.first.switch is not None:
        return ""
    params = {model.feature: plan.params.get(model.feature) for model in run.host.params if not model.from_pass}
    prompts: list[Json] = [list(plan.first.prompts_of(image)) for image in images]
    facts: dict[str, Json] = {
        "plan": plan.model_dump(mode="json", exclude={*NOT_PIXELS, "later", "params"}),
        "params": {feature: values for feature, values in params.items() if values is not None},
        "images": [image.model_dump(mode="json") for image in images],
        "prompts": prompts,
        "settings": dict(run.settings),
        "file": file_state(plan.first.checkpoint.path),
        "device": run.device,
        "version": HOST_VERSION,
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def _bytes(tensor: Tensor) -> int:
    return tensor.numel() * tensor.element_size()

"""Remembers what first passes gave, so that requests of one job that begin alike do not draw their beginning twice."""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from torch import Tensor

from app.contracts import LoadedModel
from app.generation.checksum import NOT_PIXELS, file_state
from app.generation.encode import ENCODED
from app.generation.run_helpers import GenerationRun
from app.stash import StashKey
from app.values.base import Json
from app.values.plan import GenerationPlan, ImagePlan, PlannedCheckpoint
from app.version import HOST_VERSION

MOST_BYTES = 256 * 1024 * 1024
PLAIN_VARIANT = "base"
FIRST_PASS, NO_PART, ENCODING = "first_pass", "no part", "encoding"
"""In the extra of a setting: what part it has in a first pass that begins with noise, beside what stands in the plan."""


@dataclass(frozen=True)
class FirstPass:
    """Latents (B, C, h, w) on the CPU after a first pass, ``GenerationRun.used`` of then, and the checkpoint that drew last."""

    latents: Tensor
    used: frozenset[str]
    checkpoint: PlannedCheckpoint


class FirstPasses:
    """Those of one job, the latest ones that fit the room."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._known: OrderedDict[str, FirstPass] = OrderedDict()

    def find(self, *keys: str) -> FirstPass | None:
        """What the first pass of one of these keys gave; it counts as asked for now."""
        key = next((each for each in keys if each in self._known), None)
        if key is None:
            return None
        self._known.move_to_end(key)
        return self._known[key]

    def add(self, key: str, drawn: FirstPass) -> None:
        """A first pass came to its end; the oldest ones go where there is no room."""
        self._known[key] = replace(drawn, latents=drawn.latents.detach().cpu().clone())
        while len(self._known) > 1 and sum(_bytes(known.latents) for known in self._known.values()) > self._most_bytes:
            self._known.popitem(last=False)


FIRST_PASSES = StashKey[FirstPasses]("first passes of this job")
"""In ``run.stash`` where several requests are drawn in one job."""


def first_pass_keys(plan: GenerationPlan, images: Sequence[ImagePlan], run: GenerationRun) -> tuple[str, str]:
    """Equal keys mean equal latents after the first pass: the first key where it encodes no pictures, the second one whatever it does."""
    params = {model.feature: plan.params.get(model.feature) for model in run.host.params if not (model.from_pass or model.after_sampling)}
    parts = {key: option.extra.get(FIRST_PASS) for key, option in run.host.settings.options.items()}
    settings = {key: value for key, value in run.settings.items() if parts.get(key) != NO_PART}
    prompts: list[Json] = [list(plan.first.prompts_of(image)) for image in images]
    switch = plan.first.switch
    facts: dict[str, Json] = {
        "plan": plan.model_dump(mode="json", exclude={*NOT_PIXELS, "later", "params"}),
        "params": {feature: values for feature, values in params.items() if values is not None},
        "images": [image.model_dump(mode="json") for image in images],
        "prompts": prompts,
        "files": [file_state(plan.first.checkpoint.path), file_state(switch.checkpoint.path) if switch is not None else None],
        "device": run.device,
        "version": HOST_VERSION,
    }
    without = {key: value for key, value in settings.items() if parts.get(key) != ENCODING}
    return _digest({**facts, "settings": without}), _digest({**facts, "settings": settings})


def encodes_pictures(model: LoadedModel, run: GenerationRun) -> bool:
    """Whether pictures were encoded since ``run.stash`` last forgot it; of checkpoints that are shown pictures it cannot be told."""
    return model.identity.variant != PLAIN_VARIANT or run.stash.get(ENCODED, False)


def _digest(facts: dict[str, Json]) -> str:
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def _bytes(tensor: Tensor) -> int:
    return tensor.numel() * tensor.element_size()

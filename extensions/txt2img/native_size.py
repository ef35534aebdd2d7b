"""Which size the chosen checkpoint was trained at, and how the size fields follow it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from app.api import Json, ModelRecord

if TYPE_CHECKING:
    from app.api import Host

CHECKPOINTS = "checkpoint"
CHECKPOINT_SETTING = "sd_model_checkpoint"
FALLBACK_PX = 512


def current_checkpoint(host: Host) -> ModelRecord | None:
    """The checkpoint that a request without one would use: the configured one, else the first that can be loaded."""
    setting = host.settings.get(CHECKPOINT_SETTING) if CHECKPOINT_SETTING in host.settings.options else None
    found = host.models.find(CHECKPOINTS, setting) if isinstance(setting, str) and setting else None
    if found is not None:
        return found
    usable = (record for record in host.models.records(CHECKPOINTS) if record.identity is not None and not record.problem)
    return next(usable, None)


def native_size_px(host: Host) -> int:
    """Native side length of the current checkpoint."""
    record = current_checkpoint(host)
    identity = record.identity if record else None
    if identity is None:
        return FALLBACK_PX
    family = host.families.find(identity.family)
    return identity.native_size_px or (family.native_size_px if family else FALLBACK_PX)


def followed_size(width: Json, height: Json, old_native_px: Json, new_native_px: int) -> Mapping[str, Json]:
    """Width and height after a change of checkpoint: they follow if they stood at the old native size."""
    follows = str(width) == str(height) == str(old_native_px) and str(old_native_px) != str(new_native_px)
    return {"width": new_native_px, "height": new_native_px} if follows else {}

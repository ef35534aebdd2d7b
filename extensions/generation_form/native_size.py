"""Which size the chosen checkpoint was trained at, and how the size fields follow it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from app.api import Json
from extensions.checkpoints.api import current

if TYPE_CHECKING:
    from app.api import Host

FALLBACK_PX = 512


def native_size_px(host: Host) -> int:
    """Native side length of the current checkpoint, whose header is read now if nobody has read it yet."""
    record = current(host)
    if record is not None and record.pending:
        record = host.models.find(record.folder_kind, record.path)
    identity = record.identity if record else None
    if identity is None:
        return FALLBACK_PX
    family = host.families.find(identity.family)
    return identity.native_size_px or (family.native_size_px if family else FALLBACK_PX)


def followed_size(width: Json, height: Json, old_native_px: Json, new_native_px: int) -> Mapping[str, Json]:
    """Width and height after a change of checkpoint: they follow if they stood at the old native size."""
    follows = str(width) == str(height) == str(old_native_px) and str(old_native_px) != str(new_native_px)
    return {"width": new_native_px, "height": new_native_px} if follows else {}

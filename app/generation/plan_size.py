"""Sides of pictures in pixels, and how many pictures a request may ask for."""

from __future__ import annotations

from app.contracts import ModelFamily
from app.errors import UserError
from app.values.model import ModelRecord

SIZE_STEP_PX = 8
DEFAULT_SIZE_PX = 512
MOST_PICTURES = 10_000


def native_size(record: ModelRecord | None, family: ModelFamily | None) -> int:
    """The side in pixels that a checkpoint draws best."""
    native_px = record.identity.native_size_px if record is not None and record.identity else None
    return native_px or (family.native_size_px if family is not None else 0) or DEFAULT_SIZE_PX


def check_size(field: str, asked_px: int | None) -> None:
    """Raise UserError for a side that no latent has; None is decided later."""
    if asked_px is not None and asked_px % SIZE_STEP_PX:
        below = asked_px - asked_px % SIZE_STEP_PX
        raise UserError(
            f"The {field} {asked_px} is not a multiple of {SIZE_STEP_PX}.",
            hint=f"Take {below or SIZE_STEP_PX} or {below + SIZE_STEP_PX}.",
            field=field,
        )


def check_count(batch_count: int, batch_size: int) -> None:
    """Raise UserError for more pictures than one job can tell of."""
    if batch_count * batch_size > MOST_PICTURES:
        raise UserError(
            f"{batch_count} batches of {batch_size} are {batch_count * batch_size:,} pictures; a job draws at most {MOST_PICTURES:,}.",
            hint=f"Take at most {MOST_PICTURES // batch_size} batches.",
            field="batch_count",
        )

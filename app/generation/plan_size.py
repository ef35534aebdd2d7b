"""Sides of pictures in pixels."""

from __future__ import annotations

from app.errors import UserError

SIZE_STEP_PX = 8


def check_size(field: str, asked_px: int | None) -> None:
    """Raise UserError for a side that no latent has; None is decided later."""
    if asked_px is not None and asked_px % SIZE_STEP_PX:
        below = asked_px - asked_px % SIZE_STEP_PX
        raise UserError(
            f"The {field} {asked_px} is not a multiple of {SIZE_STEP_PX}.",
            hint=f"Take {below or SIZE_STEP_PX} or {below + SIZE_STEP_PX}.",
            field=field,
        )

"""Turns NovelAI's JSON into an infotext."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pydantic import BaseModel, ConfigDict, ValidationError

from app.api import format_infotext

DEFAULT_SAMPLER = "Euler a"
SERVICE_CLIP_SKIP = 2
SERVICE_ENSD = 31337
"""What the service used without writing it down."""


class _Comment(BaseModel):
    """The part of the Comment that is used."""

    model_config = ConfigDict(extra="ignore")

    steps: int
    sampler: str = ""
    scale: float
    seed: int
    uc: str = ""


def read_novelai(chunks: Mapping[str, str], find_sampler: Callable[[str], str | None]) -> str | None:
    """The infotext; None for pictures of others, and when the JSON is damaged."""
    if chunks.get("Software") != "NovelAI" or "Description" not in chunks:
        return None
    try:
        comment = _Comment.model_validate_json(chunks.get("Comment", ""))
    except ValidationError:
        return None
    return format_infotext(
        chunks["Description"],
        comment.uc,
        {
            "Steps": comment.steps,
            "Sampler": find_sampler(comment.sampler) or DEFAULT_SAMPLER,
            "CFG scale": comment.scale,
            "Seed": comment.seed,
            "Size": chunks.get("image_size"),
            "Clip skip": SERVICE_CLIP_SKIP,
            "ENSD": SERVICE_ENSD,
        },
    )

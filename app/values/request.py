"""What was asked: the request for pictures, before anything is decided."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from app.values.base import Json, Value

RandomSeed = -1
LARGEST_SEED = 2**63 - 1
"""Largest seed, up and down: what fits into 64 bits, and so into the journal and into every program's answers."""
RANDOM_SEEDS = 4294967294
"""How many seeds there are to draw from."""


class GenerationRequest(Value):
    """A request for ``batch_count * batch_size`` pictures.

    None means "decide for me": size is the checkpoint's native size, checkpoint the configured one. Seeds of -1 are drawn at random.
    ``ignore_tags``: the prompt's tags are taken out and nothing is done for them.
    ``params`` holds each feature's Params by feature id; ``settings`` holds option values for this request only.
    """

    prompt: str = ""
    negative_prompt: str = ""
    styles: tuple[str, ...] = ()
    checkpoint: str | None = None
    sampler: str = "DPM++ 2M"
    scheduler: str = "Automatic"
    steps: int = Field(20, ge=1, le=1000)
    cfg_scale: float = Field(7.0, ge=0.0, le=1000.0)
    width: int | None = Field(None, ge=8, le=16384)
    height: int | None = Field(None, ge=8, le=16384)
    seed: int = Field(RandomSeed, ge=-LARGEST_SEED, le=LARGEST_SEED)
    subseed: int = Field(RandomSeed, ge=-LARGEST_SEED, le=LARGEST_SEED)
    subseed_strength: float = Field(0.0, ge=0.0, le=1.0)
    seed_resize_from_width: int = Field(0, ge=0, le=16384)
    seed_resize_from_height: int = Field(0, ge=0, le=16384)
    batch_count: int = Field(1, ge=1, le=10000)
    batch_size: int = Field(1, ge=1, le=256)
    ignore_tags: bool = False
    params: dict[str, dict[str, Json]] = {}
    settings: dict[str, Json] = {}
    save: Literal["outputs", "spool"] = "outputs"
    """outputs: save by the saving settings; spool: keep the pictures to be fetched, for a day at most."""

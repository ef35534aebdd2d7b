"""The request that draws a finished picture again with a second pass: the same as if hires fix had been on from the start."""

from __future__ import annotations

from collections.abc import Mapping

from app.api import Json, SavedImage
from extensions.hires_fix.params import HiresParams

PREFIX = f"params.{HiresParams.feature}."


def upscaled(request: Mapping[str, Json], picture: SavedImage, typed: Mapping[str, Json]) -> dict[str, Json]:
    """``request`` of the picture's job for this picture alone, with the second pass as ``typed`` into the form (dotted keys)."""
    hires = {key.removeprefix(PREFIX): value for key, value in typed.items() if key.startswith(PREFIX)}
    params = request.get("params")
    return {
        **request,
        "seed": picture.seed,
        "subseed": picture.subseed,
        "batch_count": 1,
        "batch_size": 1,
        "params": {**(params if isinstance(params, dict) else {}), HiresParams.feature: {**hires, "enabled": True}},
    }

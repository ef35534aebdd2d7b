"""The facts of a batch's result, joined from those of its parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.api import Json

LISTS = "all_"
"""Begins the names of facts that are listed for each picture."""
SEEDS, SECONDS = "all_seeds", "model_seconds"


def joined(infos: Sequence[Mapping[str, Json]]) -> dict[str, Json]:
    """Those of the first part; lists go on with those of the others, and seconds add up."""
    first = infos[0] if infos else {}
    lists: dict[str, Json] = {key: _listed(infos, key) for key in first if key.startswith(LISTS)}
    seconds = [value for info in infos if isinstance(value := info.get(SECONDS), int | float)]
    return {**first, **lists, **({SECONDS: sum(seconds)} if seconds else {})}


def drawn_in(infos: Sequence[Mapping[str, Json]]) -> int:
    """How many pictures, grids not counted, these parts are made of."""
    return len(_listed(infos, SEEDS))


def _listed(infos: Sequence[Mapping[str, Json]], key: str) -> list[Json]:
    return [item for info in infos if isinstance(values := info.get(key), list) for item in values]

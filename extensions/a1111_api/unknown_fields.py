"""A remark on fields of a request that nothing here knows: they are mistyped, or of other programs."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from extensions.a1111_api.body import DrawingBody

WITHOUT_EFFECT = frozenset({"firstpass_image", "latent_mask"})
"""Fields of A1111 that do nothing over its API either."""
MOST_NAMED = 20
LONGEST_NAME = 60


def unknown_fields_remark(body: DrawingBody) -> list[str]:
    """The remark, where there are such fields."""
    fields = [name for name in body.unknown_fields if name not in WITHOUT_EFFECT]
    return [f"Unknown fields were ignored: {_listed(fields, type(body).model_fields)}."] if fields else []


def _listed(names: Iterable[str], known: Iterable[str]) -> str:
    """The names with the nearest known one beside them."""
    known, named = list(known), list(names)
    texts = []
    for name in named[:MOST_NAMED]:
        near = difflib.get_close_matches(name[:LONGEST_NAME], known, n=1, cutoff=0.8)
        texts.append(f"{name[:LONGEST_NAME]!r} (did you mean {near[0]!r}?)" if near else repr(name[:LONGEST_NAME]))
    return ", ".join(texts) + (f" and {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else "")

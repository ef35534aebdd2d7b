"""Remarks on what a request names and nothing here knows: fields that are mistyped or of other programs, and styles."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from app.api import Host
from extensions.a1111_api.body import DrawingBody
from extensions.styles.api import installed_styles

WITHOUT_EFFECT = frozenset({"firstpass_image", "latent_mask"})
"""Fields of A1111 that do nothing over its API either."""
NO_STYLE = "None"
MOST_NAMED = 20
LONGEST_NAME = 60


def unknown_names(body: DrawingBody, host: Host) -> list[str]:
    """One remark on the fields and one on the styles, where there are any."""
    known = {style.name for style in installed_styles(host)} if body.styles else set()
    styles = [name for name in body.styles if name not in known and name not in ("", NO_STYLE)]
    fields = [name for name in body.unknown_fields if name not in WITHOUT_EFFECT]
    remarks = []
    if fields:
        remarks.append(f"Unknown fields were ignored: {_listed(fields, type(body).model_fields)}.")
    if styles:
        remarks.append(f"There is no style with this name, so it changed nothing: {_listed(styles, known)}.")
    return remarks


def _listed(names: Iterable[str], known: Iterable[str]) -> str:
    """The names with the nearest known one beside them."""
    known, named = list(known), list(names)
    texts = []
    for name in named[:MOST_NAMED]:
        near = difflib.get_close_matches(name[:LONGEST_NAME], known, n=1, cutoff=0.8)
        texts.append(f"{name[:LONGEST_NAME]!r} (did you mean {near[0]!r}?)" if near else repr(name[:LONGEST_NAME]))
    return ", ".join(texts) + (f" and {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else "")

"""Settings of A1111 that are known and have no effect here, with the reasons; and what is said of keys that are no settings."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path

from app.errors import UserError


def read_unused() -> Mapping[str, str]:
    """Why each of them has no effect, by key; what an extension declares is used whatever stands here."""
    document = tomllib.loads(Path(__file__).with_name("settings_unused.toml").read_text(encoding="utf-8"))
    return {key: entry["why"] for entry in document["unused"] for key in entry["keys"]}


def no_setting(key: str, known: Collection[str]) -> UserError:
    """The error for a key that is no setting: the reason where A1111 has it, else the nearest one of ``known``."""
    reason = read_unused().get(key)
    if reason is not None:
        return UserError(f"The setting {key!r} has no effect here: {reason}.", field=key)
    near = difflib.get_close_matches(key, known, n=1)
    return UserError(f"There is no setting {key!r}.", hint=f"Did you mean {near[0]!r}?" if near else "", field=key)


def unused_among(keys: Collection[str], known: Collection[str]) -> list[str]:
    """A sentence for each reason why some of the ``keys`` have no effect; other unknown ones may be an extension's that is away."""
    strange = [key for key in keys if key not in known]
    reasons = read_unused() if strange else {}
    by_reason: dict[str, list[str]] = {}
    for key in strange:
        if key in reasons:
            by_reason.setdefault(reasons[key], []).append(key)
    return [
        no_setting(found[0], known).what if len(found) == 1 else f"The settings {', '.join(found)} have no effect here: {reason}."
        for reason, found in by_reason.items()
    ]

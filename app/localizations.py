"""Tables of translations by convention: ``localizations/<name>.json`` of the host, of extensions and of the user, as A1111 has them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from app import hookspecs

if TYPE_CHECKING:
    from app.host import Host

FOLDER = "localizations"
RIGHT_TO_LEFT = "rtl"
"""Key of A1111's that says that a language is written from right to left; every other key is an English text."""


@dataclass(frozen=True)
class Localization:
    """One language: English text -> translation; ``problems`` are sentences about files that could not be used."""

    name: str
    texts: Mapping[str, str] = field(default_factory=dict)
    is_right_to_left: bool = False
    problems: tuple[str, ...] = ()


def page_language(host: Host) -> Localization:
    """The language of the page, as an extension has it; without one a language without texts, which is English."""
    owned = host.hooks.first(hookspecs.choose_localization, host=host)
    return owned.value if owned is not None else Localization("en")


def localization_folders(host: Host, users: Path | None = None) -> list[Path]:
    """Where tables lie; what comes later wins: the host's, the extensions' in load order, the user's (``<data>/localizations``)."""
    return [host.paths.root / "app" / FOLDER, *host.extensions.parts(FOLDER), users or host.paths.data / FOLDER]


def localization_names(folders: Iterable[Path]) -> list[str]:
    """The languages that there are tables of."""
    return sorted({file.stem for folder in folders if folder.is_dir() for file in folder.glob("*.json")})


def read_localization(name: str, folders: Iterable[Path]) -> Localization:
    """All tables of a name in one; a file that cannot be used is left out and named."""
    texts: dict[str, str] = {}
    problems: list[str] = []
    is_right_to_left = False
    for folder in folders:
        file = next((file for file in folder.glob("*.json") if file.stem == name), None) if folder.is_dir() else None
        if file is None:
            continue
        try:
            document = json.loads(file.read_text(encoding="utf-8-sig"))
        except (OSError, ValueError, RecursionError) as error:
            problems.append(f"{file} cannot be used: {error}.")
            continue
        if not isinstance(document, dict):
            problems.append(f"{file} does not hold a JSON object.")
            continue
        is_right_to_left = is_right_to_left or document.get(RIGHT_TO_LEFT) is True
        texts |= {key: text for key, text in document.items() if isinstance(text, str) and text and key.strip()}
    return Localization(name, texts, is_right_to_left, tuple(problems))

"""The files that people and their helpers put beside a model file: notes, descriptions, previews, and what Civitai says of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from app.api import NOTHING_WRITTEN, UserError, UserMetadata, read_notes

PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".avif")
PREVIEWS = (*PICTURE_SUFFIXES, *(f".preview{suffix}" for suffix in PICTURE_SUFFIXES))
"""Endings after a model file's stem, in the order in which they win."""
NOTES = ".json"
DESCRIPTIONS = (".txt", ".description.txt")
CIVITAI = ".civitai.info"
TEXTS = (NOTES, *DESCRIPTIONS, CIVITAI)
LONGEST_DESCRIPTION = 4000
WEIGHTS = (-10.0, 10.0)
"""Beyond A1111's slider from 0 to 2: LoRAs that are sliders themselves have weights below 0."""


@dataclass(frozen=True)
class Civitai:
    """What a helper wrote down of the file's page there."""

    facts: tuple[tuple[str, str], ...] = ()
    triggers: tuple[str, ...] = ()
    description: str = ""


@dataclass(frozen=True)
class Sidecars:
    """What lies beside one model file; ``problem`` says which file cannot be read, and why."""

    user: UserMetadata = NOTHING_WRITTEN
    civitai: Civitai = Civitai()
    problem: str = ""


NOTHING = Sidecars()


def read_sidecars(stem: Path) -> Sidecars:
    """Read those that there are beside ``stem`` (the model file's path without its suffix)."""
    problems: list[str] = []
    user = user_metadata(_object(stem, NOTES, problems))
    civitai = _civitai(_object(stem, CIVITAI, problems))
    if not user.description:
        described = next(filter(None, (_text(stem, ending, problems) for ending in DESCRIPTIONS)), "") or civitai.description
        user = user.model_copy(update={"description": described[:LONGEST_DESCRIPTION]})
    return Sidecars(user, civitai, " ".join(problems))


def beside(stem: Path, ending: str) -> Path:
    """The sidecar with this ending."""
    return stem.with_name(stem.name + ending)


def user_metadata(told: Mapping[str, Any]) -> UserMetadata:
    """What of a ``.json`` A1111 would use; values of other kinds are taken for nothing."""
    values: dict[str, Any] = {}
    for name, info in UserMetadata.model_fields.items():
        value = told.get(info.alias or name)
        if info.annotation is str and isinstance(value, str):
            values[info.alias or name] = value.strip() if name in ("activation_text", "negative_text") else value
        elif info.annotation is float:
            values[info.alias or name] = _weight(value)
    return UserMetadata.model_validate(values)


def _weight(value: object) -> float:
    if not isinstance(value, int | float | str) or isinstance(value, bool):
        return 0.0
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return 0.0
    return min(max(number, WEIGHTS[0]), WEIGHTS[1]) if math.isfinite(number) else 0.0


def _object(stem: Path, ending: str, problems: list[str]) -> dict[str, Any]:
    try:
        return read_notes(beside(stem, ending))
    except UserError as error:
        problems.append(error.what)
        return {}


def _text(stem: Path, ending: str, problems: list[str]) -> str:
    path = beside(stem, ending)
    try:
        with path.open("rb") as file:
            return file.read(4 * LONGEST_DESCRIPTION).decode("utf-8-sig", errors="replace").strip()
    except FileNotFoundError:
        return ""
    except OSError as error:
        problems.append(f"{path.name} cannot be read ({error.strerror or error}).")
        return ""


def _civitai(told: Mapping[str, Any]) -> Civitai:
    model = told.get("model")
    named = {
        "Civitai": _line(model.get("name") if isinstance(model, dict) else None),
        "Version": _line(told.get("name")),
        "Civitai base model": _line(told.get("baseModel")),
    }
    words = told.get("trainedWords")
    triggers = tuple(word for word in map(_line, words if isinstance(words, list) else ()) if word)
    return Civitai(tuple((name, text) for name, text in named.items() if text), triggers[:100], plain_text(told.get("description")))


def _line(value: object) -> str:
    return " ".join(value.split())[:500].strip(" ,") if isinstance(value, str) else ""


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def plain_text(value: object) -> str:
    """The words of a description that may be HTML."""
    if not isinstance(value, str):
        return ""
    reader = _Words()
    reader.feed(value[: 4 * LONGEST_DESCRIPTION])
    reader.close()
    return " ".join(" ".join(reader.words).split())

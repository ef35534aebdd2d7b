"""Reads style files: CSV with name, prompt and negative prompt."""

from __future__ import annotations

import csv
import glob
import io
from collections.abc import Sequence
from pathlib import Path

from app.api import UserError
from extensions.styles.text import Style


def read_styles(text: str) -> list[Style]:
    """Styles of a file's text; of two with one name the later counts; rows whose name begins with # are remarks.

    The old form with the columns name and text is read too.
    """
    styles: dict[str, Style] = {}
    for row in csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), skipinitialspace=True):
        name = row.get("name")
        if name is None or name.startswith("#"):
            continue
        prompt = row["prompt"] if "prompt" in row else row.get("text")
        styles[name] = Style(name, prompt or "", row.get("negative_prompt") or "")
    return list(styles.values())


def read_style_files(folder: Path, patterns: Sequence[str]) -> list[Style]:
    """Styles of all files that the patterns name, relative to ``folder``; a file that is missing has none."""
    styles: dict[str, Style] = {}
    for pattern in patterns:
        for path in sorted(glob.glob(str(folder / pattern))):
            styles.update((style.name, style) for style in _read_file(Path(path)))
    return list(styles.values())


def _read_file(path: Path) -> list[Style]:
    try:
        return read_styles(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"The style file {path} cannot be read: {error}.", hint="Save it as CSV in UTF-8.") from error

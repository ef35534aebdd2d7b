"""Reads style files: CSV with name, prompt and negative prompt."""

from __future__ import annotations

import csv
import glob
import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from app.api import UserError
from extensions.styles.text import NO_FILE, Style

BYTE_ORDER_MARK = "\ufeff"
COLUMNS = ("name", "prompt", "negative_prompt")
DIVIDER_WIDTH = 40


def read_styles(text: str) -> list[Style]:
    """Styles of a file's text; of two with one name the later counts; rows whose name begins with # are remarks.

    The old form with the columns name and text is read too.
    """
    styles: dict[str, Style] = {}
    for row in csv.DictReader(io.StringIO(text.removeprefix(BYTE_ORDER_MARK), newline=""), skipinitialspace=True):
        name = row.get("name")
        if name is None or name.startswith("#"):
            continue
        prompt = row["prompt"] if "prompt" in row else row.get("text")
        styles[name] = Style(name, prompt or "", row.get("negative_prompt") or "")
    return list(styles.values())


def format_styles(styles: Sequence[Style]) -> str:
    """The text of a file with these styles: with a byte order mark and CRLF, as spreadsheets want it."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows((style.name, style.prompt, style.negative_prompt) for style in styles)
    return BYTE_ORDER_MARK + text.getvalue()


def read_style_files(folder: Path, patterns: Sequence[str]) -> list[Style]:
    """Styles of all files that the patterns name, relative to ``folder``; a file that is missing has none."""
    return [style for style in list_style_files(folder, patterns) if style.is_usable]


def list_style_files(folder: Path, patterns: Sequence[str]) -> list[Style]:
    """The styles, and, where there are several files, a divider before those of each, whose ``file`` is NO_FILE.

    Of two styles of one name the later counts, in the place of the first.
    """
    paths = list(dict.fromkeys(Path(path) for pattern in patterns for path in sorted(glob.glob(str(folder / pattern)))))
    styles: dict[str, Style] = {}
    for path in paths:
        divider = f" {path.stem.upper()} ".center(DIVIDER_WIDTH, "-")
        if len(paths) > 1:
            styles[divider] = Style(divider, file=NO_FILE)
        styles.update((style.name, replace(style, file=str(path))) for style in _read_file(path))
    return list(styles.values())


def _read_file(path: Path) -> list[Style]:
    try:
        return read_styles(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"The style file {path} cannot be read: {error}.", hint="Save it as CSV in UTF-8.") from error

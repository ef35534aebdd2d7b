"""Reads style files: CSV with name, prompt and negative prompt."""

from __future__ import annotations

import csv
import glob
import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from app.api import UserError
from extensions.styles.table import BYTE_ORDER_MARK, COLUMNS, REMARK, StyleTable, format_table
from extensions.styles.text import NO_FILE, Style

DIVIDER_WIDTH = 40


def read_styles(text: str) -> list[Style]:
    """Styles of a file's text; of two with one name the later counts; rows whose name begins with # are remarks.

    The old form with the columns name and text is read too.
    """
    styles: dict[str, Style] = {}
    for row in csv.DictReader(io.StringIO(text.removeprefix(BYTE_ORDER_MARK), newline=""), skipinitialspace=True):
        name = row.get("name")
        if name is None or name.startswith(REMARK):
            continue
        prompt = row["prompt"] if "prompt" in row else row.get("text")
        styles[name] = Style(name, prompt or "", row.get("negative_prompt") or "")
    return list(styles.values())


def format_styles(styles: Sequence[Style]) -> str:
    """The text of a file with these styles."""
    return format_table(StyleTable(COLUMNS, tuple((style.name, style.prompt, style.negative_prompt) for style in styles)))


def read_style_files(folder: Path, patterns: Sequence[str]) -> list[Style]:
    """Styles of all files that the patterns name, relative to ``folder``; a file that is missing has none."""
    return [style for style in list_style_files(folder, patterns) if style.is_usable]


def list_style_files(folder: Path, patterns: Sequence[str]) -> list[Style]:
    """The styles, and, where there are several files, a divider before those of each, whose ``file`` is NO_FILE.

    Of two styles of one name the later counts, in the place of the first.
    """
    paths = style_paths(folder, patterns)
    styles: dict[str, Style] = {}
    for path in paths:
        divider = f" {path.stem.upper()} ".center(DIVIDER_WIDTH, "-")
        if len(paths) > 1:
            styles[divider] = Style(divider, file=NO_FILE)
        styles.update((style.name, replace(style, file=str(path))) for style in read_styles(read_text(path)))
    return list(styles.values())


def style_paths(folder: Path, patterns: Sequence[str]) -> list[Path]:
    """The files that there are, in the order of the patterns, each once."""
    found = [path for pattern in patterns for path in sorted(glob.glob(str(folder / pattern)))]
    return list(dict.fromkeys(Path(path) for path in found))


def read_text(path: Path) -> str:
    """The text of a style file without its byte order mark; raises UserError that names a file that is no CSV in UTF-8."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        for _ in csv.reader(io.StringIO(text, newline=""), skipinitialspace=True):
            pass
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"The style file {path} cannot be read: {error}.", hint="Save it as CSV in UTF-8.") from error
    return text

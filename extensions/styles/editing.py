"""Saves and deletes styles: the file is replaced in one step, and a copy of the one before is kept beside it."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from app.api import NotFoundError, UserError, write_atomically
from extensions.styles.files import list_style_files, read_text, style_paths
from extensions.styles.table import REMARK, StyleTable, format_table, read_table, with_style, without_style
from extensions.styles.text import Style

LONGEST_NAME = 200
LONGEST_TEXT = 100_000
"""Characters; readers of CSV give up on a file with a cell that is a little longer."""
WILDCARDS = "*?["
BACKUP = ".bak"


def save_style(folder: Path, patterns: Sequence[str], style: Style) -> Style:
    """Write the style into the file that it comes from, a new one into the first file; returns it with its file.

    Raises UserError for a name or text that cannot be, and for a file that cannot be read or written.
    """
    listed = {each.name: each for each in list_style_files(folder, patterns)}
    style = replace(checked(style), name=style.name) if style.name in listed else checked(style)
    known = listed.get(style.name)
    if known is not None and not known.is_usable:
        raise UserError(f"{style.name!r} is the heading of a file.", hint="Choose another name.", field="name")
    path = Path(known.file) if known else _file_of_new_styles(folder, patterns)
    _rewrite(path, with_style(_table(path), style))
    return replace(style, file=str(path))


def delete_style(folder: Path, patterns: Sequence[str], name: str) -> Style:
    """Take the style out of all files that have it; returns what it was. Raises NotFoundError, and UserError as ``save_style``."""
    known = {each.name: each for each in list_style_files(folder, patterns) if each.is_usable}.get(name)
    if known is None:
        raise NotFoundError(f"There is no style {name!r}.", hint="Perhaps somebody else has deleted it.", field="name")
    for path in style_paths(folder, patterns):
        table = _table(path)
        left = without_style(table, name)
        if left != table:
            _rewrite(path, left)
    return known


def checked(style: Style) -> Style:
    """The style as it can be written; raises UserError that names the field."""
    name = style.name.strip()
    if not name:
        raise UserError("The style has no name.", hint="Type one.", field="name")
    if name.startswith(REMARK):
        raise UserError(f"A style's name cannot begin with {REMARK}: such rows are remarks.", hint="Choose another name.", field="name")
    if len(name) > LONGEST_NAME:
        raise UserError(f"The name has {len(name)} characters; {LONGEST_NAME} are allowed.", hint="Choose a shorter one.", field="name")
    if _has_odd_characters(name, allowed=""):
        raise UserError("The name has line breaks or other characters that cannot be seen.", hint="Type it anew.", field="name")
    texts = {"prompt": style.prompt, "negative_prompt": style.negative_prompt}
    for field, text in texts.items():
        if len(text) > LONGEST_TEXT:
            raise UserError(f"The text has {len(text)} characters; {LONGEST_TEXT} are allowed.", hint="Shorten it.", field=field)
        if _has_odd_characters(text, allowed="\t\n\r"):
            raise UserError("The text has characters that cannot be stored.", hint="Type it anew.", field=field)
    plain = {field: text.replace("\r\n", "\n").replace("\r", "\n") for field, text in texts.items()}
    return replace(style, name=name, **plain)


def _has_odd_characters(text: str, *, allowed: str) -> bool:
    """Control characters, and halves of characters."""
    return any(unicodedata.category(sign) in ("Cc", "Cs") and sign not in allowed for sign in text)


def _file_of_new_styles(folder: Path, patterns: Sequence[str]) -> Path:
    """The first file, also if it is still to be made; raises UserError when there are only patterns that no file matches."""
    for pattern in patterns:
        found = style_paths(folder, [pattern])
        if found:
            return found[0]
        if not any(sign in pattern for sign in WILDCARDS):
            return folder / pattern
    raise UserError(f"There is no file to save in: none matches {', '.join(patterns)}.", hint="Make one, or name it with --styles-file.")


def _table(path: Path) -> StyleTable:
    """The rows of a file, none of one that is still to be made; raises UserError for a file that holds no styles."""
    table = read_table(read_text(path)) if path.exists() else StyleTable()
    if table is None:
        raise UserError(f"The first row of {path} names no column 'name'.", hint="Repair the file, or delete it.")
    return table


def _rewrite(path: Path, table: StyleTable) -> None:
    try:
        if path.exists():
            write_atomically(path.with_name(path.name + BACKUP), path.read_bytes())
        write_atomically(path, format_table(table).encode("utf-8"))
    except OSError as error:
        raise UserError(f"The style file {path} cannot be written: {error.strerror or error}.", hint="Look at its permissions.") from error

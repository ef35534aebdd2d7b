"""A style file as rows of cells, in which one style is changed and all else stays as it is."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, replace

from extensions.styles.text import Style

COLUMNS = ("name", "prompt", "negative_prompt")
NAME, PROMPT, NEGATIVE = COLUMNS
OLD_PROMPT = "text"
REMARK = "#"
"""Rows whose name begins with it are no styles."""
BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True)
class StyleTable:
    """``columns`` are the names in the first row, among them COLUMNS; rows may have more cells, or fewer."""

    columns: tuple[str, ...] = COLUMNS
    rows: tuple[tuple[str, ...], ...] = ()

    def name_of(self, row: tuple[str, ...]) -> str:
        """The name in a row; "" when it is too short."""
        place = self.columns.index(NAME)
        return row[place] if place < len(row) else ""


def read_table(text: str) -> StyleTable | None:
    """The rows of a file's text; the old column ``text`` is the prompt. None for a file without a column of names."""
    rows = [tuple(row) for row in csv.reader(io.StringIO(text, newline=""), skipinitialspace=True) if row]
    if not rows:
        return StyleTable()
    columns = list(rows[0])
    if PROMPT not in columns and OLD_PROMPT in columns:
        columns[columns.index(OLD_PROMPT)] = PROMPT
    columns += [column for column in (PROMPT, NEGATIVE) if column not in columns]
    return StyleTable(tuple(columns), tuple(rows[1:])) if NAME in columns else None


def format_table(table: StyleTable) -> str:
    """The text of a file: with a byte order mark and CRLF, as spreadsheets want it; short rows are filled up."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(table.columns)
    writer.writerows(row + ("",) * (len(table.columns) - len(row)) for row in table.rows)
    return BYTE_ORDER_MARK + text.getvalue()


def with_style(table: StyleTable, style: Style) -> StyleTable:
    """The table with the style's texts in the first row of its name, which is then the only one, or in a new row at the end."""
    texts = {NAME: style.name, PROMPT: style.prompt, NEGATIVE: style.negative_prompt}
    places = [number for number, row in enumerate(table.rows) if table.name_of(row) == style.name]
    old = table.rows[places[0]] if places else ()
    filled = (*old, *("" for _ in table.columns[len(old) :]))
    new = tuple(texts.get(column, cell) for column, cell in zip(table.columns, filled, strict=False)) + filled[len(table.columns) :]
    if not places:
        return replace(table, rows=(*table.rows, new))
    return replace(
        table, rows=tuple(new if number == places[0] else row for number, row in enumerate(table.rows) if number not in places[1:])
    )


def without_style(table: StyleTable, name: str) -> StyleTable:
    """The table without the rows of this name."""
    return replace(table, rows=tuple(row for row in table.rows if table.name_of(row) != name))

"""Keeps beside the jobs what users typed into forms."""

from __future__ import annotations

import json
import sqlite3
import time

from app.errors import UserError
from app.jobs.database import Database
from app.values.base import Json

LARGEST_DRAFT_BYTES = 1024 * 1024
MOST_DRAFTS = 50
OF_TAB = "\t"
"""Between the names of a form and of a browser tab."""


class Drafts:
    """A form's content per owner, so that it comes back on any device, and per browser tab; the latest of each owner are kept."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, owner: str, form: str, tab: str = "") -> dict[str, Json] | None:
        """What was kept last, with ``tab`` by this browser tab; None when nothing was."""
        with self._database.reading() as db:
            row = db.execute("SELECT content FROM drafts WHERE owner=? AND form=?", (owner, _name(form, tab))).fetchone()
        content: dict[str, Json] | None = json.loads(row["content"]) if row is not None else None
        return content

    def set(self, owner: str, form: str, content: dict[str, Json], tab: str = "") -> None:
        """Keep this instead of what was kept, with ``tab`` for this browser tab as well.

        Raises UserError when it cannot be written, is too large or the disk is full.
        """
        try:
            text = json.dumps(content, allow_nan=False, ensure_ascii=False)
            text.encode()
        except ValueError as error:
            raise UserError(f"The draft of {form!r} cannot be written as JSON: {error}.", field=form) from error
        if len(text) > LARGEST_DRAFT_BYTES:
            raise UserError(f"The draft of {form!r} is too large to be kept ({len(text)} bytes).", field=form, status=413)
        try:
            with self._database.transaction() as db:
                for name in dict.fromkeys((form, _name(form, tab))):
                    db.execute("INSERT OR REPLACE INTO drafts VALUES (?, ?, ?, ?)", (owner, name, text, time.time()))
                    db.execute(
                        "DELETE FROM drafts WHERE owner=? AND form IN (SELECT form FROM drafts"
                        " WHERE owner=? AND (instr(form, ?) > 0) = ? ORDER BY changed DESC, form=? DESC LIMIT -1 OFFSET ?)",
                        (owner, owner, OF_TAB, OF_TAB in name, name, MOST_DRAFTS),
                    )
        except sqlite3.Error as error:
            raise UserError(f"The draft of {form!r} could not be kept: {error}.", field=form, status=507) from error


def _name(form: str, tab: str) -> str:
    return f"{form}{OF_TAB}{tab}" if tab else form

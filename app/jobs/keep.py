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


class Drafts:
    """A form's content per owner, so that it comes back on any device; of each owner the latest forms are kept."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, owner: str, form: str) -> dict[str, Json] | None:
        """What was kept last; None when nothing was."""
        with self._database.reading() as db:
            row = db.execute("SELECT content FROM drafts WHERE owner=? AND form=?", (owner, form)).fetchone()
        content: dict[str, Json] | None = json.loads(row["content"]) if row is not None else None
        return content

    def set(self, owner: str, form: str, content: dict[str, Json]) -> None:
        """Keep this instead of what was kept; raises UserError when it cannot be written, is too large or the disk is full."""
        try:
            text = json.dumps(content, allow_nan=False, ensure_ascii=False)
            text.encode()
        except ValueError as error:
            raise UserError(f"The draft of {form!r} cannot be written as JSON: {error}.", field=form) from error
        if len(text) > LARGEST_DRAFT_BYTES:
            raise UserError(f"The draft of {form!r} is too large to be kept ({len(text)} bytes).", field=form, status=413)
        try:
            with self._database.transaction() as db:
                db.execute("INSERT OR REPLACE INTO drafts VALUES (?, ?, ?, ?)", (owner, form, text, time.time()))
                db.execute(
                    "DELETE FROM drafts WHERE owner=? AND form IN"
                    " (SELECT form FROM drafts WHERE owner=? ORDER BY changed DESC, form=? DESC LIMIT -1 OFFSET ?)",
                    (owner, owner, form, MOST_DRAFTS),
                )
        except sqlite3.Error as error:
            raise UserError(f"The draft of {form!r} could not be kept: {error}.", field=form, status=507) from error

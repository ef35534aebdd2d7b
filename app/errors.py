"""Errors with a name: what a user can fix, and how a job ends early."""

from __future__ import annotations

from typing import Literal

StopKind = Literal["skip", "interrupt", "cancel"]


RESTART = 75
"""Exit code of a program that is to be started again; ``bootstrap.launch`` knows it too."""


def sentence_before(what: str, hint: str) -> str:
    """``what`` with the full stop that it needs where ``hint`` follows."""
    return what if not hint or what.endswith((".", "!", "?", ":", "…")) else f"{what}."


class PaintboxError(Exception):
    """Base of every error that Paintbox raises on purpose."""


class UserError(PaintboxError):
    """Something that the user can fix.

    ``what`` says what went wrong and names the file, field or tag; ``hint`` says how to fix it; ``field`` is the
    request field at fault where there is one; ``status`` is the HTTP status an API answers with (4xx, or 503/507).
    """

    def __init__(self, what: str, *, hint: str = "", field: str = "", status: int = 422) -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint
        self.field = field
        self.status = status

    def __str__(self) -> str:
        """One line for a log or a page: what happened, then how to fix it."""
        return f"{sentence_before(self.what, self.hint)} {self.hint}".strip()


class NotFoundError(UserError):
    """A named thing (job, checkpoint, file, extension) does not exist."""

    def __init__(self, what: str, *, hint: str = "", field: str = "") -> None:
        super().__init__(what, hint=hint, field=field, status=404)


class ModelFileError(UserError):
    """A model file cannot be used: truncated, of another kind, or with missing tensors."""


class JobStopped(PaintboxError):
    """Raised inside a job at a check point when somebody asked it to stop; not a failure."""

    def __init__(self, kind: StopKind) -> None:
        super().__init__(kind)
        self.kind = kind

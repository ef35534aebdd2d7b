"""What can go wrong between a program and its server."""

from __future__ import annotations


class PaintboxError(Exception):
    """Base of everything that this client raises on purpose, and a job that failed."""


class NoServerError(PaintboxError):
    """Nobody answers at the address, or the line broke."""


class RefusedError(PaintboxError):
    """The server refused a request: ``status`` is the HTTP status, ``field`` the field at fault where there is one."""

    def __init__(self, message: str, status: int, field: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.field = field

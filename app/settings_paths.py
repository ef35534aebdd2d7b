"""Which folders and file names a single request may choose: none outside of the places where pictures belong."""

from __future__ import annotations

from pathlib import PurePath, PurePosixPath, PureWindowsPath

from app.errors import UserError
from app.values.base import Json

PICTURE_FOLDERS = ("outputs", "log")
"""Folders below the data folder that any request may name."""
FOLDER_PREFIX = "outdir_"
"""Keys of settings that are folders; the other ones with paths are patterns of names."""


def check_requested_path(key: str, value: Json, configured: Json) -> None:
    """Raise UserError (403) for a folder or a pattern that leads elsewhere; ``configured`` is the setting's value without the request."""
    if not isinstance(value, str) or not value or value == configured:
        return
    parts = PurePosixPath(value.replace("\\", "/")).parts
    if ".." in parts or (not key.startswith(FOLDER_PREFIX) and _is_absolute(value)):
        raise _refused(key, value)
    if key.startswith(FOLDER_PREFIX) and not _is_for_pictures(value, parts, configured):
        raise _refused(key, value)


def _is_for_pictures(value: str, parts: tuple[str, ...], configured: Json) -> bool:
    if isinstance(configured, str) and configured and PurePath(value).is_relative_to(configured):
        return True
    return not _is_absolute(value) and parts[0] in PICTURE_FOLDERS


def _is_absolute(value: str) -> bool:
    return value.startswith(("/", "\\", "~")) or bool(PureWindowsPath(value).drive)


def _refused(key: str, value: str) -> UserError:
    return UserError(
        f"A request cannot have {value!r} for {key!r}: it may save below {' or '.join(PICTURE_FOLDERS)} and in the configured folder only.",
        hint="Choose a folder there, or change the setting itself.",
        field=key,
        status=403,
    )

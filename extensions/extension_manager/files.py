"""Files that the allowed scripts of an extension for A1111 ask for by A1111's address ``file=extensions/<name>/<path>``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import TYPE_CHECKING

from extensions.extension_manager.javascript import allowed_files, is_allowed, is_foreign

if TYPE_CHECKING:
    from app.api import Host

MEDIA_TYPES: Mapping[str, str] = MappingProxyType(
    {
        ".txt": "text/plain",
        ".csv": "text/plain",
        ".json": "application/json",
        ".css": "text/css",
        ".js": "text/javascript",
        ".mjs": "text/javascript",
        ".png": "image/png",
        ".jpg": "image/jpeg",
        ".jpeg": "image/jpeg",
        ".webp": "image/webp",
        ".gif": "image/gif",
        ".woff2": "font/woff2",
        ".mp3": "audio/mpeg",
    }
)
"""What may be asked for; pages and drawings that can hold scripts are not among it."""
SCRIPT_SUFFIXES = (".js", ".mjs", ".css")


@dataclass(frozen=True)
class FoundFile:
    """A file and how it is sent."""

    path: Path
    media_type: str


def find_file(host: Host, name: str, path: str) -> FoundFile | None:
    """The file, if its extension's scripts are allowed and it lies inside its folder; scripts only among those that were allowed."""
    report = next((each for each in host.extensions if each.id == name), None)
    parts = PurePosixPath(path).parts
    media_type = MEDIA_TYPES.get(PurePosixPath(path).suffix.lower())
    if report is None or report.folder is None or not is_foreign(report) or not is_allowed(report, host) or media_type is None:
        return None
    if not parts or any(part.startswith(".") or "\\" in part or ":" in part or "\0" in part for part in parts):
        return None
    if PurePosixPath(path).suffix.lower() in SCRIPT_SUFFIXES and path not in allowed_files(report.folder):
        return None
    found = (report.folder / path).resolve()
    if not found.is_relative_to(report.folder.resolve()) or not found.is_file():
        return None
    return FoundFile(found, media_type)

"""Which names a model file and its sub-folder may have, on every system that the files may be copied to."""

from __future__ import annotations

import unicodedata
from pathlib import PurePosixPath

from app.api import LONGEST_NAME_BYTES, ModelFolder, UserError, name_problem, without_forbidden

MOST_LEVELS = 8
PREVIEW = ".preview"


def check_name(name: str, folder: ModelFolder, field: str = "name") -> str:
    """A file name for a kind of folder, in Unicode's composed form; raises UserError that says what is wrong with it."""
    reason = name_problem(name)
    stem = name[: -len(suffix)] if (suffix := suffix_of(name, folder)) else ""
    if not reason and not suffix:
        reason = f"files of the kind {folder.title} end in {', '.join(folder.suffixes)}"
    if not reason and (name_problem(stem) or stem.lower().endswith(PREVIEW)):
        reason = "what stands before the suffix is no name"
    if reason:
        raise UserError(f"A file cannot be called {name[:80]!r}: {reason}.", field=field)
    return unicodedata.normalize("NFC", name)


def check_folder(text: str, field: str = "folder") -> str:
    """A sub-folder's path, "" for none; raises UserError that names the part at fault."""
    parts = text.split("/") if text else []
    if len(parts) > MOST_LEVELS:
        raise UserError(f"Sub-folders may be {MOST_LEVELS} levels deep.", field=field)
    for part in parts:
        reason = name_problem(part)
        if reason:
            raise UserError(f"A sub-folder cannot be called {part[:80]!r}: {reason}.", field=field)
    return unicodedata.normalize("NFC", "/".join(parts))


def suffix_of(name: str, folder: ModelFolder) -> str:
    """The suffix by which a file belongs to the kind of folder, as it is written; "" when it does not belong there."""
    lower = name.lower()
    if folder.without and lower.endswith(folder.without):
        return ""
    found = max((suffix for suffix in folder.suffixes if lower.endswith(suffix)), key=len, default="")
    return name[len(name) - len(found) :] if found else ""


def clean_name(text: str, fallback: str = "model") -> str:
    """What somebody else calls a file, made into a name that may be used; the suffix stays as far as possible."""
    last = without_forbidden(text.replace("\\", "/").rsplit("/", 1)[-1])
    name = unicodedata.normalize("NFC", last).strip().strip(".").strip()
    suffix = PurePosixPath(name).suffix
    while len(name.encode()) > LONGEST_NAME_BYTES:
        suffix = suffix if len(suffix) < len(name) and len(suffix.encode()) < 40 else ""
        name = name[: len(name) - len(suffix) - 1].rstrip(" .") + suffix
    if name and name_problem(name):
        name = f"_{name}"  # the name of a device
    return name if not name_problem(name) else fallback

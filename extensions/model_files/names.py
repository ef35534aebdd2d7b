"""Which names a model file and its sub-folder may have, on every system that the files may be copied to."""

from __future__ import annotations

import unicodedata
from pathlib import PurePosixPath

from app.api import ModelFolder, UserError

FORBIDDEN = frozenset('<>:"/\\|?*')
DEVICES = frozenset({"con", "prn", "aux", "nul", "conin$", "conout$", *(f"{port}{n}" for port in ("com", "lpt") for n in "0123456789¹²³")})
"""Names that Windows takes for devices, with any suffix."""
INVISIBLE = ("Cc", "Cf", "Cs", "Zl", "Zp", "Cn", "Co")
"""Unicode categories of characters that cannot be seen, or turn the text around."""
LONGEST_BYTES = 180
"""Of a name in UTF-8: file systems allow 255, and sidecars have longer endings."""
MOST_LEVELS = 8
PREVIEW = ".preview"


def problem_of(name: str) -> str:
    """Why a file or folder cannot be called so; "" when it can."""
    if not name.strip():
        return "it is empty"
    if name.startswith("."):
        return "it begins with a dot, which hides it"
    if name != name.strip() or name.endswith("."):
        return "it begins or ends with a space, or ends with a dot"
    strange = next((letter for letter in name if letter in FORBIDDEN), "")
    if strange:
        return f"it contains {strange}"
    if any(unicodedata.category(letter) in INVISIBLE for letter in name):
        return "it contains characters that cannot be seen"
    if name.partition(".")[0].strip().casefold() in DEVICES:
        return "it is the name of a device"
    if len(unicodedata.normalize("NFC", name).encode()) > LONGEST_BYTES:
        return f"it is longer than {LONGEST_BYTES} bytes"
    return ""


def check_name(name: str, folder: ModelFolder, field: str = "name") -> str:
    """A file name for a kind of folder, in Unicode's composed form; raises UserError that says what is wrong with it."""
    reason = problem_of(name)
    stem = name[: -len(suffix)] if (suffix := suffix_of(name, folder)) else ""
    if not reason and not suffix:
        reason = f"files of the kind {folder.title} end in {', '.join(folder.suffixes)}"
    if not reason and (problem_of(stem) or stem.lower().endswith(PREVIEW)):
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
        reason = problem_of(part)
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
    last = text.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join("_" if letter in FORBIDDEN else letter for letter in last if unicodedata.category(letter) not in INVISIBLE)
    name = unicodedata.normalize("NFC", kept).strip().strip(".").strip()
    suffix = PurePosixPath(name).suffix
    while len(name.encode()) > LONGEST_BYTES:
        suffix = suffix if len(suffix) < len(name) and len(suffix.encode()) < 40 else ""
        name = name[: len(name) - len(suffix) - 1].rstrip(" .") + suffix
    if name.partition(".")[0].strip().casefold() in DEVICES:
        name = f"_{name}"
    return name if not problem_of(name) else fallback

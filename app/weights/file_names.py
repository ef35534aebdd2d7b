"""Which names a model file and its folders may have, on every system that the files may be copied to; one rule for all who make some."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

FORBIDDEN_IN_NAMES = frozenset('<>:"/\\|?*')
DEVICES = frozenset({"con", "prn", "aux", "nul", "conin$", "conout$", *(f"{port}{n}" for port in ("com", "lpt") for n in "0123456789¹²³")})
"""Names that Windows takes for devices, with any suffix."""
INVISIBLE = ("Cc", "Cf", "Cs", "Zl", "Zp", "Cn", "Co")
"""Unicode categories of characters that cannot be seen, or turn the text around."""
LONGEST_NAME_BYTES = 180
"""Of a name in UTF-8: file systems allow 255, and sidecars and unfinished files have longer endings."""


def name_problem(name: str) -> str:
    """Why a file or folder cannot be called so; "" when it can."""
    if not name.strip():
        return "it is empty"
    if name.startswith("."):
        return "it begins with a dot, which hides it"
    if name != name.strip() or name.endswith("."):
        return "it begins or ends with a space, or ends with a dot"
    strange = next((letter for letter in name if letter in FORBIDDEN_IN_NAMES), "")
    if strange:
        return f"it contains {strange}"
    if any(is_invisible(letter) for letter in name):
        return "it contains characters that cannot be seen"
    if is_device(name):
        return "it is the name of a device"
    if len(unicodedata.normalize("NFC", name).encode()) > LONGEST_NAME_BYTES:
        return f"it is longer than {LONGEST_NAME_BYTES} bytes"
    return ""


def is_invisible(letter: str) -> bool:
    """True for a character that cannot be seen."""
    return unicodedata.category(letter) in INVISIBLE


def is_device(name: str) -> bool:
    """True for a name that Windows takes for a device."""
    return name.partition(".")[0].strip().casefold() in DEVICES


def without_forbidden(text: str) -> str:
    """A text as a part of a name: what no name may contain becomes "_" or, unseen, goes."""
    return "".join("_" if letter in FORBIDDEN_IN_NAMES else letter for letter in text if not is_invisible(letter))


def name_taken(target: Path, but: Path | None = None) -> str:
    """The name of what lies in the target's folder and is called like it, in whatever case; "" for nothing. ``but`` does not count."""
    try:
        names = os.listdir(target.parent)
    except OSError:
        return ""
    wanted = _alike(target.name)
    return next((name for name in names if _alike(name) == wanted and target.parent / name != but), "")


def _alike(name: str) -> str:
    """What is one name on some system."""
    return unicodedata.normalize("NFC", name).casefold()

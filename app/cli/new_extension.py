"""``extensions new``: writes a small extension that works, with a test that passes."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

from app.errors import UserError

TEMPLATE = Path(__file__).with_name("template")
SUFFIX = ".txt"
_ID = re.compile(r"[a-z][a-z0-9_]*")


def new_extension(extension_id: str, folder: Path, taken: Collection[str]) -> Path:
    """Write it and return its folder; raises UserError when the id cannot be used."""
    if not _ID.fullmatch(extension_id):
        raise UserError(f"{extension_id!r} cannot be the id of an extension.", hint="Use small letters, digits and underscores.")
    target = folder / extension_id
    if extension_id in taken or target.exists():
        raise UserError(f"There is an extension {extension_id!r} already.", hint="Choose another name.")
    words = {"{{id}}": extension_id, "{{title}}": extension_id.replace("_", " ").capitalize()}
    for source in sorted(TEMPLATE.rglob(f"*{SUFFIX}")):
        name = _fill(str(source.relative_to(TEMPLATE)).removesuffix(SUFFIX), words)
        place = target / name
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(_fill(source.read_text(encoding="utf-8"), words), encoding="utf-8")
        except OSError as error:
            raise UserError(f"{place} cannot be written ({error.strerror}).", hint="Check the folder's permissions.") from error
    return target


def _fill(text: str, words: dict[str, str]) -> str:
    for mark, word in words.items():
        text = text.replace(mark, word)
    return text

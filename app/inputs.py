"""Keeps the pictures that users bring: given once, named by their content, found again by the jobs that start from them."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from app.errors import NotFoundError, UserError
from app.files import write_atomically
from app.generation.images.reading import open_image

LONGEST_AGE_S = 14 * 24 * 3600.0
"""A picture that no job has asked for so long is deleted."""
_REF = re.compile(r"[0-9a-f]{32}\.img")
_NAME_DIGITS = 32
_OWNER_DIGITS = 16


@dataclass(frozen=True)
class InputImage:
    """A picture that was taken in: ``ref`` names it in requests."""

    ref: str
    width_px: int
    height_px: int


class InputStore:
    """One folder of pictures for each owner; safe to use from several threads and processes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, data: bytes, owner: str, name: str = "") -> InputImage:
        """Take in an image file as it is; raises UserError that names it when it is no picture, or the disk is full."""
        image = open_image(data, name).image
        ref = f"{sha256(data).hexdigest()[:_NAME_DIGITS]}.img"
        path = self._path(ref, owner)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists():
                write_atomically(path, data)
            path.touch()
        except OSError as error:
            what = f"{name or 'The picture'} cannot be kept in {path.parent} ({error.strerror or error})."
            raise UserError(what, hint="Make room on the disk.", status=507) from error
        return InputImage(ref, image.width, image.height)

    def find(self, ref: str, owner: str) -> Path:
        """The file of a picture of this owner; raises NotFoundError. It counts as asked for now."""
        path = self._path(ref, owner) if _REF.fullmatch(ref) else None
        if path is None or not path.is_file():
            raise NotFoundError("The picture to start from is not there any more.", hint="Give it again.")
        path.touch()
        return path

    def sweep(self) -> None:
        """Delete what nobody has asked for in a long time."""
        for path in self._folder.glob("*/*.img"):
            if time.time() - path.stat().st_mtime > LONGEST_AGE_S:
                path.unlink(missing_ok=True)

    def _path(self, ref: str, owner: str) -> Path:
        folder = sha256(owner.encode()).hexdigest()[:_OWNER_DIGITS] if owner else "local"
        return self._folder / folder / ref

"""The picture files that a job works on one after another: brought by its user, or lying in a folder."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol

from pydantic import AfterValidator

from app.contracts import Run
from app.errors import UserError
from app.generation.check import check_picture
from app.values.base import Value
from app.weights.names import natural_key

if TYPE_CHECKING:
    from app.host import Host

PICTURE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".avif", ".bmp", ".tif", ".tiff", ".gif"})
_NO_BARE_NAME = re.compile(r"\.{0,2}|[A-Za-z]:.*|.*[/\\\x00-\x1f].*", re.DOTALL)


def _bare(name: str) -> str:
    """The name of a file in whatever folder it is looked for, and never the way to another one."""
    if _NO_BARE_NAME.fullmatch(name):
        raise ValueError(f"{name!r} is not the name of a file alone")
    return name


class Upload(Value):
    """A picture in ``host.inputs`` and the name of the file that it was, without a folder."""

    ref: str
    name: Annotated[str, AfterValidator(_bare)] = "picture"


class GivesPictures(Protocol):
    """A request whose pictures are its uploads and those of a folder ("" for none)."""

    @property
    def uploads(self) -> tuple[Upload, ...]:
        """Pictures that were brought."""
        ...

    @property
    def input_dir(self) -> str:
        """The folder, as the user named it."""
        ...


@dataclass(frozen=True)
class GivenPicture:
    """A picture to work on; ``name`` is shown to the user."""

    path: Path
    name: str

    @property
    def stem(self) -> str:
        """The name without its suffix."""
        return Path(self.name).stem


def given_pictures(request: GivesPictures, run: Run, *, deep: bool = False) -> list[GivenPicture]:
    """The uploads, then the pictures of the folder (and of those below it); raises UserError when there is none."""
    uploads = [GivenPicture(run.host.inputs.find(upload.ref, run.job.owner), upload.name) for upload in request.uploads]
    found = uploads + [GivenPicture(path, path.name) for path in _of_folder(request, run.host, deep)]
    if not found:
        raise UserError(f"There is no picture in {request.input_dir}.", hint="Choose another folder.", field="input_dir")
    return found


def count_given(request: GivesPictures, host: Host, *, deep: bool = False) -> int:
    """How many pictures there are now."""
    return len(request.uploads) + len(_of_folder(request, host, deep))


def check_uploads(uploads: Sequence[Upload], owner: str, host: Host) -> None:
    """Raise UserError for one that this owner has not brought, or has brought too long ago."""
    for upload in uploads:
        check_picture(upload.ref, owner, host, "uploads", upload.name)


def pictures_in(folder: Path, *, deep: bool = False) -> list[Path]:
    """Picture files in a folder (and those below it), numbers in their names in order of size."""
    found = folder.rglob("*") if deep else folder.glob("*")
    pictures = [path for path in found if path.suffix.lower() in PICTURE_SUFFIXES and path.is_file()]
    return sorted(pictures, key=lambda path: natural_key(str(path)))


def _of_folder(request: GivesPictures, host: Host, deep: bool) -> list[Path]:
    return pictures_in(host.paths.resolve(request.input_dir), deep=deep) if request.input_dir else []

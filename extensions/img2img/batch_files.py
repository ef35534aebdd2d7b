"""The pictures and masks of a batch: which files they are, in which order."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.api import Run, UserError

if TYPE_CHECKING:
    from app.api import Host
    from extensions.img2img.batch_kind import Img2ImgBatch

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".avif", ".bmp", ".tif", ".tiff", ".gif"})
_DIGITS = re.compile(r"(\d+)")


@dataclass(frozen=True)
class Input:
    """A picture of the batch; ``name`` is shown to the user."""

    path: Path
    name: str

    @property
    def stem(self) -> str:
        """The name without its suffix."""
        return Path(self.name).stem


def inputs_of(batch: Img2ImgBatch, run: Run) -> list[Input]:
    """The pictures to start from; raises UserError when there is none."""
    uploads = [Input(run.host.inputs.find(upload.ref, run.job.owner), upload.name) for upload in batch.uploads]
    found = uploads + [Input(path, path.name) for path in _input_files(batch, run.host)]
    if not found:
        raise UserError(f"There is no picture in {batch.input_dir}.", hint="Choose another folder.", field="input_dir")
    return found


def count_inputs(batch: Img2ImgBatch, host: Host) -> int:
    """How many pictures there are to start from now."""
    return len(batch.uploads) + len(_input_files(batch, host))


def masks_of(batch: Img2ImgBatch, run: Run) -> list[Path]:
    """The masks; raises UserError when there is a folder for them with none in it."""
    if not batch.mask_dir:
        return []
    found = _pictures(run.host.paths.resolve(batch.mask_dir), deep=False)
    if not found:
        raise UserError(f"There is no mask in {batch.mask_dir}.", hint="Choose another folder.", field="mask_dir")
    return found


def _input_files(batch: Img2ImgBatch, host: Host) -> list[Path]:
    return _pictures(host.paths.resolve(batch.input_dir), deep=True) if batch.input_dir else []


def _pictures(folder: Path, *, deep: bool) -> list[Path]:
    """Picture files in a folder (and those below it), numbers in their names in order of size."""
    found = folder.rglob("*") if deep else folder.glob("*")
    pictures = [path for path in found if path.suffix.lower() in SUFFIXES and path.is_file()]
    return sorted(
        pictures, key=lambda path: [(part.isdigit(), int(part) if part.isdigit() else 0, part) for part in _DIGITS.split(str(path).lower())]
    )

"""The pictures of a job: which files they are, in which order."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.api import Run, UserError, natural_key

if TYPE_CHECKING:
    from app.api import Host
    from extensions.extras.kind import ExtrasRequest

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".avif", ".bmp", ".tif", ".tiff", ".gif"})


@dataclass(frozen=True)
class Input:
    """A picture to work on; ``name`` is shown to the user."""

    path: Path
    name: str


def inputs_of(request: ExtrasRequest, run: Run) -> list[Input]:
    """The pictures; raises UserError when there is none."""
    uploads = [Input(run.host.inputs.find(upload.ref, run.job.owner), upload.name) for upload in request.uploads]
    found = uploads + [Input(path, path.name) for path in _files(request, run.host)]
    if not found:
        raise UserError(f"There is no picture in {request.input_dir}.", hint="Choose another folder.", field="input_dir")
    return found


def count_inputs(request: ExtrasRequest, host: Host) -> int:
    """How many pictures there are now."""
    return len(request.uploads) + len(_files(request, host))


def _files(request: ExtrasRequest, host: Host) -> list[Path]:
    """Picture files in the folder itself, numbers in their names in order of size."""
    if not request.input_dir:
        return []
    found = [path for path in host.paths.resolve(request.input_dir).glob("*") if path.suffix.lower() in SUFFIXES and path.is_file()]
    return sorted(found, key=lambda path: natural_key(path.name))

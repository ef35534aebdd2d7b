"""The job kind "interrogate_batch": pictures of a folder, or uploaded ones, are described in text files of their names."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, BaseModel

from app.api import JobKind, JobResult, Run, UserError, Value, open_image, understand_metadata, user_folder, write_atomically
from extensions.interrogation.api import Describe, Shown
from extensions.interrogation.kind import InterrogateRequest, interrogator_of

if TYPE_CHECKING:
    from app.api import Host

KIND = "interrogate_batch"
SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".avif", ".bmp", ".tif", ".tiff", ".gif"})
FOLDERS = ("input_dir", "output_dir")
_NO_BARE_NAME = re.compile(r"\.{0,2}|[A-Za-z]:.*|.*[/\\\x00-\x1f].*", re.DOTALL)


def _bare(name: str) -> str:
    if _NO_BARE_NAME.fullmatch(name):
        raise ValueError(f"{name!r} is not the name of a file alone")
    return name


class Upload(Value):
    """A picture in ``host.inputs`` and the name of the file that it was, without a folder."""

    ref: str
    name: Annotated[str, AfterValidator(_bare)]


class InterrogateBatch(Value):
    """All ``uploads`` and all pictures in ``input_dir`` are described by ``model``, a role or the name of an interrogator.

    What is said is added to the text file of the picture's name in ``output_dir``, or beside the picture where that is "".
    """

    model: str = "clip"
    uploads: tuple[Upload, ...] = ()
    input_dir: str = ""
    output_dir: str = ""


def batch_kind(host: Host) -> JobKind:
    """The kind, as this extension registers it; its result's info tells how many text files were written, and what failed."""

    def check(request: BaseModel) -> None:
        batch = typed(request)
        interrogator_of(InterrogateRequest(ref="", model=batch.model), host)
        if not batch.uploads and not batch.input_dir:
            raise UserError("There is no picture to describe.", hint="Name a folder, or upload pictures.", field="input_dir")
        if batch.uploads and not batch.output_dir:
            hint = "Name an output directory."
            raise UserError("There is no folder for the text files of uploaded pictures.", hint=hint, field="output_dir")

    def check_owner(request: BaseModel, owner: str) -> None:
        check_folders(typed(request), owner, host)

    def run_job(run: Run, request: BaseModel) -> JobResult:
        batch = typed(request)
        check_folders(batch, run.job.owner, run.host)
        return describe_all(batch, run)

    return JobKind(KIND, "Describing pictures", InterrogateBatch, run_job, check, check_owner=check_owner)


def typed(request: BaseModel) -> InterrogateBatch:
    """The request; the queue and the worker validate with the kind's model, so it is one."""
    if not isinstance(request, InterrogateBatch):
        raise TypeError(f"a job of the kind {KIND!r} got a {type(request).__name__}")
    return request


def check_folders(batch: InterrogateBatch, owner: str, host: Host) -> None:
    """Raise UserError for folders that the user may not name, or that are not there."""
    for field in FOLDERS:
        text = getattr(batch, field)
        if text:
            user_folder(text, field, host.paths, host.options, owner, must_exist=field == "input_dir")


def describe_all(batch: InterrogateBatch, run: Run) -> JobResult:
    """Describe one after another; one that fails is named and stops nothing. Raises UserError when all of them fail."""
    interrogator = interrogator_of(InterrogateRequest(ref="", model=batch.model), run.host)
    describe, pictures = interrogator.load(), _pictures(batch, run)
    if not pictures:
        raise UserError(f"There is no picture in {batch.input_dir}.", hint="Choose another folder.", field="input_dir")
    written, failures = 0, list[str]()
    for number, (path, text_file) in enumerate(pictures, 1):
        run.control.check()
        run.tell(f"Interrogating with {interrogator.name}: {number}/{len(pictures)}")
        try:
            written += _add(text_file, _said(path, describe, run))
        except UserError as error:
            failures.append(f"{text_file.stem}: {error}")
        except OSError as error:
            failures.append(f"{text_file.name}: {error.strerror or error}")
    if failures and not written:
        raise UserError(f"No picture could be described. {failures[0]}", field="input_dir")
    return JobResult(comments=tuple(failures), info={"written": written, "pictures": len(pictures), "failed": list(failures)})


def _pictures(batch: InterrogateBatch, run: Run) -> list[tuple[Path, Path]]:
    """Each picture and its text file."""
    paths = run.host.paths
    output = paths.resolve(batch.output_dir) if batch.output_dir else None
    found = sorted(paths.resolve(batch.input_dir).iterdir()) if batch.input_dir else []
    files = [(path, path.name) for path in found if path.suffix.lower() in SUFFIXES and path.is_file()]
    files += [(run.host.inputs.find(upload.ref, run.job.owner), upload.name) for upload in batch.uploads]
    return [(path, (output or path.parent) / f"{Path(name).stem}.txt") for path, name in files]


def _said(path: Path, describe: Describe, run: Run) -> str:
    opened = open_image(path, "The picture")
    reading = understand_metadata(opened.metadata, run.host)
    return describe(Shown(opened.image.convert("RGB"), reading.infotext if reading else ""), run).strip()


def _add(path: Path, said: str) -> bool:
    """Add a line to the file, unless nothing was said; raises OSError."""
    if not said:
        return False
    before = path.read_text(encoding="utf-8") if path.is_file() else ""
    begun = f"{before}\n" if before and not before.endswith("\n") else before
    write_atomically(path, f"{begun}{said}\n".encode())
    return True

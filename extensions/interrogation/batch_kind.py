"""The job kind "interrogate_batch": pictures of a folder, or uploaded ones, are described in text files of their names."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel

from app.api import (
    JobKind,
    JobResult,
    Run,
    Upload,
    UserError,
    Value,
    check_uploads,
    given_pictures,
    open_image,
    typed_as,
    understand_metadata,
    user_folder,
    write_atomically,
)
from extensions.interrogation.api import Describe, Shown
from extensions.interrogation.kind import InterrogateRequest, interrogator_of

if TYPE_CHECKING:
    from app.api import Host

KIND = "interrogate_batch"
FOLDERS = ("input_dir", "output_dir")


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
        batch = typed_as(InterrogateBatch, request)
        interrogator_of(InterrogateRequest(ref="", model=batch.model), host)
        if not batch.uploads and not batch.input_dir:
            raise UserError("There is no picture to describe.", hint="Name a folder, or upload pictures.", field="input_dir")
        if batch.uploads and not batch.output_dir:
            hint = "Name an output directory."
            raise UserError("There is no folder for the text files of uploaded pictures.", hint=hint, field="output_dir")

    def check_owner(request: BaseModel, owner: str) -> None:
        batch = typed_as(InterrogateBatch, request)
        check_folders(batch, owner, host)
        check_uploads(batch.uploads, owner, host)

    def run_job(run: Run, request: BaseModel) -> JobResult:
        batch = typed_as(InterrogateBatch, request)
        check_folders(batch, run.job.owner, run.host)
        return describe_all(batch, run)

    return JobKind(KIND, "Describing pictures", InterrogateBatch, run_job, check, check_owner=check_owner)


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
    output = run.host.paths.resolve(batch.output_dir) if batch.output_dir else None
    return [(each.path, (output or each.path.parent) / f"{each.stem}.txt") for each in given_pictures(batch, run)]


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

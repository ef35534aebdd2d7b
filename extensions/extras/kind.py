"""The job kind "extras": operations on finished pictures, brought by the user or in a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel

from app.api import JobKind, JobResult, Json, Run, Upload, UserError, Value, check_uploads, count_given, typed_as, user_folder
from extensions.extras.operations import chosen

if TYPE_CHECKING:
    from app.api import Host

KIND = "extras"
PATHS_SETTING = "outdir_extras_samples"


class ExtrasRequest(Value):
    """``operations`` (parameters by id) are done to every upload and every picture in ``input_dir``.

    ``output_dir`` "": where the settings say. ``is_batch``: results may keep the names of their sources, as the settings say.
    ``show_results`` False: they are saved and not listed. ``save``: "spool" keeps them to be fetched, for a day at most.
    """

    uploads: tuple[Upload, ...] = ()
    input_dir: str = ""
    output_dir: str = ""
    is_batch: bool = False
    show_results: bool = True
    save: Literal["outputs", "spool"] = "outputs"
    operations: dict[str, dict[str, Json]] = {}


def extras_kind(host: Host) -> JobKind:
    """The kind, as this extension registers it."""

    def check(request: BaseModel) -> None:
        asked = typed(request)
        if not asked.uploads and not asked.input_dir:
            raise UserError("There is no picture to work on.", hint="Choose one, or name a folder.", field="uploads")
        chosen(asked.operations, host, host.settings.snapshot())
        reason = host.settings.lock_reason(PATHS_SETTING) if asked.output_dir else ""
        if reason:
            raise UserError(f"The output directory cannot be chosen: {reason}.", hint="Leave it empty.", field="output_dir", status=403)

    def check_owner(request: BaseModel, owner: str) -> None:
        asked = typed(request)
        check_folders(asked, owner, host)
        check_uploads(asked.uploads, owner, host)

    def run_job(run: Run, request: BaseModel) -> JobResult:
        from extensions.extras.work import process_pictures

        asked = typed(request)
        check_folders(asked, run.job.owner, host)
        return process_pictures(asked, run)

    def parts(request: BaseModel) -> int:
        return count_given(typed(request), host)

    return JobKind(KIND, "Operations on finished pictures", ExtrasRequest, run_job, check, parts, check_owner=check_owner)


def typed(request: BaseModel) -> ExtrasRequest:
    """The request."""
    return typed_as(ExtrasRequest, request)


def check_folders(request: ExtrasRequest, owner: str, host: Host) -> None:
    """Raise UserError for folders that the user may not name, or that are not there."""
    if request.input_dir:
        user_folder(request.input_dir, "input_dir", host.paths, host.options, owner)
    if request.output_dir:
        user_folder(request.output_dir, "output_dir", host.paths, host.options, owner, must_exist=False)

"""A1111's requests for finished pictures: their bodies, and what they are as jobs."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.json_schema import SkipJsonSchema

from app.api import IsDisconnected, Job, JobState, Json, NotFoundError, PaintboxError, Upload, UserError, ended_job, sent_picture
from extensions.extras.kind import KIND, ExtrasRequest
from extensions.extras.operations import available

if TYPE_CHECKING:
    from app.api import Host

SOURCE = "api"
UPSCALE, NONE = "extras_upscale", "None"
FACE_TITLES = {"gfpgan": "GFPGAN", "codeformer": "CodeFormer"}
FACES = {"gfpgan": ("gfpgan_visibility", None), "codeformer": ("codeformer_visibility", "codeformer_weight")}
"""Fields of visibility and weight, by the ids of the operations that restore faces."""
FIELDS = {
    "resize_mode": "resize_mode",
    "resize": "upscaling_resize",
    "width": "upscaling_resize_w",
    "height": "upscaling_resize_h",
    "crop": "upscaling_crop",
    "upscaler_1": "upscaler_1",
    "upscaler_2": "upscaler_2",
    "upscaler_2_visibility": "extras_upscaler_2_visibility",
}
"""A1111's names of the upscale operation's parameters."""
MOST_PIXELS_PX = 16384
MOST_NAMED, LONGEST_NAME = 20, 60


class ExtrasFailedError(PaintboxError):
    """The job failed for a reason that the client cannot mend."""


class ExtrasBody(BaseModel):
    """The parameters of both requests, with A1111's defaults; null means the default."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    resize_mode: int = Field(0, ge=0, le=1)
    show_extras_results: bool = True
    gfpgan_visibility: float = Field(0.0, ge=0.0, le=1.0)
    codeformer_visibility: float = Field(0.0, ge=0.0, le=1.0)
    codeformer_weight: float = Field(0.0, ge=0.0, le=1.0)
    upscaling_resize: float = Field(2.0, gt=0.0, le=64.0)
    upscaling_resize_w: int = Field(512, ge=1, le=MOST_PIXELS_PX)
    upscaling_resize_h: int = Field(512, ge=1, le=MOST_PIXELS_PX)
    upscaling_crop: bool = True
    upscaler_1: str = NONE
    upscaler_2: str = NONE
    extras_upscaler_2_visibility: float = Field(0.0, ge=0.0, le=1.0)
    upscale_first: bool = False

    unknown_fields: SkipJsonSchema[tuple[str, ...]] = Field((), exclude=True)
    """Names of what was sent and is no field; never sent itself."""

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        unknown = tuple(str(name)[:LONGEST_NAME] for name, value in data.items() if name not in cls.model_fields and value)[:MOST_NAMED]
        return {key: value for key, value in data.items() if value is not None} | {"unknown_fields": unknown}


class SingleBody(ExtrasBody):
    """One picture."""

    image: str = ""


class BatchItem(BaseModel):
    """A picture of a batch."""

    data: str
    name: str = ""


class BatchBody(ExtrasBody):
    """Several pictures."""

    imageList: list[BatchItem] = Field(min_length=1, max_length=1000)


def submit(body: ExtrasBody, pictures: list[tuple[str, str]], owner: str, host: Host) -> Job:
    """Put the job for these pictures (base64, name) into the queue; raises UserError that names A1111's field."""
    places: Iterable[int | None] = range(len(pictures)) if isinstance(body, BatchBody) else (None,)
    uploads = tuple(_taken_in(text, name, place, owner, host) for place, (text, name) in zip(places, pictures, strict=True))
    request = ExtrasRequest(uploads=uploads, save="spool", operations=_operations(body, host))
    try:
        return host.jobs.submit(KIND, request.model_dump(mode="json"), owner=owner, source=SOURCE, settings=host.settings.changed())
    except UserError as error:
        raise in_api_terms(error) from error


def in_api_terms(error: UserError) -> UserError:
    """The error with A1111's name of the field at fault; what no installed extension does is the request's fault, not a missing address."""
    operation, _, name = error.field.removeprefix("operations.").partition(".")
    field = FACES[operation][0] if operation in FACES and name in ("", "visibility") else FIELDS.get(name, name or error.field)
    status = 422 if isinstance(error, NotFoundError) else error.status
    return UserError(error.what, hint=error.hint, field=field, status=status)


async def ended(host: Host, job_id: str, is_disconnected: IsDisconnected) -> Job:
    """The job when it has ended; raises UserError, ExtrasFailedError. When the client goes away, it is cancelled: nobody could fetch it."""
    job = await ended_job(host.jobs, job_id, is_disconnected)
    if job.state is JobState.FAILED and job.user_error:
        raise in_api_terms(UserError(job.error, field=job.result.error_field))
    if job.state is not JobState.DONE:
        raise ExtrasFailedError(job.error or f"The job was {job.state}.")
    return job


def answered(body: ExtrasBody, job: Job, host: Host) -> dict[str, Any]:
    """What both requests answer: the facts as HTML and the pictures as base64; the files are not kept."""
    ignored = [f"Unknown fields were ignored: {', '.join(body.unknown_fields)}."] if body.unknown_fields else []
    lines = [str(job.result.info.get("html_info", "")), *ignored, *_not_restored(body, host), *job.result.comments]
    html = "".join(f"<p>{escape(line)}</p>" for line in lines if line) or "<p></p>"
    paths = [Path(image.path) for image in job.result.images]
    images = [base64.b64encode(path.read_bytes()).decode("ascii") for path in paths]
    for path in paths:
        path.unlink(missing_ok=True)
    return {"html_info": html, "images": images}


def _operations(body: ExtrasBody, host: Host) -> dict[str, dict[str, Json]]:
    asked: dict[str, dict[str, Json]] = {}
    if body.upscaler_1 != NONE or body.upscaler_2 != NONE:
        asked[UPSCALE] = {own: getattr(body, name) for own, name in FIELDS.items()}
    there = _there(host)
    for operation, (visibility, weight) in FACES.items():
        if getattr(body, visibility) > 0 and operation in there:
            more = {"weight": getattr(body, weight)} if weight else {}
            asked[operation] = {"visibility": getattr(body, visibility), **more}
    return asked


def _not_restored(body: ExtrasBody, host: Host) -> list[str]:
    """A sentence for each restorer that is asked for and is not there; programs send these fields whatever is installed."""
    there = _there(host)
    return [
        f"Faces were not restored, as {visibility} asks for: {FACE_TITLES[operation]} is not installed, or switched off in the settings."
        for operation, (visibility, _) in FACES.items()
        if getattr(body, visibility) > 0 and operation not in there
    ]


def _there(host: Host) -> set[str]:
    return {operation.id for operation in available(host, host.settings.snapshot())}


def _taken_in(text: str, given_name: str, place: int | None, owner: str, host: Host) -> Upload:
    """``place``: in the list that was sent; None for the only one."""
    name = Path(given_name.replace("\\", "/")).name or "image"
    try:
        ref = host.inputs.put(sent_picture(text, host.settings), owner, name).ref
    except UserError as error:
        if place is None:
            raise
        what = f"Picture {place + 1} ({name}): {error.what}"
        raise UserError(what, hint=error.hint, field=f"imageList.{place}.data", status=error.status) from error
    return Upload.model_validate({"ref": ref, "name": "".join(letter for letter in name if letter.isprintable()) or "image"})

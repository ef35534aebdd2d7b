"""The job kind "interrogate": one picture is described."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel

from app.api import JobKind, JobResult, NotFoundError, Run, Value, check_picture, open_image, typed_as, understand_metadata
from extensions.interrogation.api import Interrogator, Shown
from extensions.interrogation.registered import find

if TYPE_CHECKING:
    from app.api import Host

KIND = "interrogate"


class InterrogateRequest(Value):
    """The picture ``ref`` of ``host.inputs`` is described by ``model``: a role or the name of an interrogator."""

    ref: str
    model: str = "clip"


def interrogate_kind(host: Host) -> JobKind:
    """The kind, as this extension registers it; the caption is in its result's info."""

    def check(request: BaseModel) -> None:
        interrogator_of(typed(request), host)

    def check_owner(request: BaseModel, owner: str) -> None:
        check_picture(typed(request).ref, owner, host, "ref")

    def run_job(run: Run, request: BaseModel) -> JobResult:
        asked = typed(request)
        interrogator = interrogator_of(asked, run.host)
        opened = open_image(run.host.inputs.find(asked.ref, run.job.owner), "The picture")
        reading = understand_metadata(opened.metadata, run.host)
        run.tell(f"Interrogating with {interrogator.name}")
        caption = interrogator.load()(Shown(opened.image.convert("RGB"), reading.infotext if reading else ""), run)
        return JobResult(info={"caption": caption})

    return JobKind(KIND, "Describing a picture", InterrogateRequest, run_job, check, check_owner=check_owner)


def typed(request: BaseModel) -> InterrogateRequest:
    """The request."""
    return typed_as(InterrogateRequest, request)


def interrogator_of(request: InterrogateRequest, host: Host) -> Interrogator:
    """The interrogator; raises NotFoundError."""
    found = find(request.model, host)
    if found is None:
        raise NotFoundError("Model not found.", hint=f"No installed extension describes pictures as {request.model!r}.", field="model")
    return found

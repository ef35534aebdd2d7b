"""A1111's route for describing a picture."""

from __future__ import annotations

import asyncio
import base64
import binascii

from fastapi import APIRouter
from pydantic import BaseModel

from app.api import Host, Job, JobSnapshot, JobState, NotFoundError, PaintboxError, UserError
from app.api.routes import Owner
from extensions.interrogation.kind import KIND, InterrogateRequest, interrogator_of


class InterrogateBody(BaseModel):
    """A picture as base64, and which model describes it."""

    image: str | None = None
    model: str = "clip"


class InterrogationFailedError(PaintboxError):
    """The job failed for a reason that the client cannot mend."""


def make_router(host: Host) -> APIRouter:
    """``POST /sdapi/v1/interrogate``."""
    router = APIRouter(prefix="/sdapi/v1", tags=["A1111"], strict_content_type=False)

    @router.post("/interrogate", summary="Describe a picture")
    async def interrogate(body: InterrogateBody, owner: Owner) -> dict[str, str]:
        job = await asyncio.to_thread(submit, body, owner, host)
        return {"caption": await caption_of(host, job.id)}

    return router


def submit(body: InterrogateBody, owner: str, host: Host) -> Job:
    """Put the job into the queue; raises UserError."""
    if not body.image:
        raise NotFoundError("Image not found.", hint="Send it as base64.", field="image")
    interrogator_of(InterrogateRequest(ref="", model=body.model), host)
    ref = host.inputs.put(decoded(body.image), owner, "image").ref
    request = InterrogateRequest(ref=ref, model=body.model).model_dump(mode="json")
    return host.jobs.submit(KIND, request, owner=owner, source="api", settings=host.settings.changed())


async def caption_of(host: Host, job_id: str) -> str:
    """What the job said when it has ended; raises UserError, InterrogationFailedError."""
    async for item in host.jobs.events(job_id):
        if isinstance(item, JobSnapshot) and item.job.state.ended:
            if item.job.state is JobState.FAILED and item.job.user_error:
                raise UserError(item.job.error, field=item.job.result.error_field)
            if item.job.state is not JobState.DONE:
                raise InterrogationFailedError(item.job.error or f"The job was {item.job.state}.")
            return str(item.job.result.info.get("caption", ""))
    raise UserError("Paintbox is ending; the picture could not be described.", status=503)


def decoded(text: str) -> bytes:
    """Bytes of bare base64 or of a data: address."""
    if text.startswith("data:"):
        _, _, text = text.partition(";base64,")
    try:
        data = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if not data:
        raise UserError("Invalid encoded image.", hint="Send the file as base64, or as a data: address.", field="image")
    return data

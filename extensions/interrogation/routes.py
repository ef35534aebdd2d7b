"""A1111's route for describing a picture."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request
from pydantic import BaseModel

from app.api import Host, IsDisconnected, Job, JobState, NotFoundError, PaintboxError, UserError, ended_job, sent_picture
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
    async def interrogate(body: InterrogateBody, request: Request, owner: Owner) -> dict[str, str]:
        job = await asyncio.to_thread(submit, body, owner, host)
        return {"caption": await caption_of(host, job.id, request.is_disconnected)}

    return router


def submit(body: InterrogateBody, owner: str, host: Host) -> Job:
    """Put the job into the queue; raises UserError."""
    if not body.image:
        raise NotFoundError("Image not found.", hint="Send it as base64.", field="image")
    interrogator_of(InterrogateRequest(ref="", model=body.model), host)
    ref = host.inputs.put(sent_picture(body.image, host.settings), owner, "image").ref
    request = InterrogateRequest(ref=ref, model=body.model).model_dump(mode="json")
    return host.jobs.submit(KIND, request, owner=owner, source="api", settings=host.settings.changed())


async def caption_of(host: Host, job_id: str, is_disconnected: IsDisconnected) -> str:
    """What the job said when it has ended; raises UserError, InterrogationFailedError. When the client goes away, it is cancelled."""
    job = await ended_job(host.jobs, job_id, is_disconnected)
    if job.state is JobState.FAILED and job.user_error:
        raise UserError(job.error, field=job.result.error_field)
    if job.state is not JobState.DONE:
        raise InterrogationFailedError(job.error or f"The job was {job.state}.")
    return str(job.result.info.get("caption", ""))

"""Jobs as resources: ask for one, list, watch, steer and cancel them, fetch their pictures."""

from __future__ import annotations

import json
from functools import partial
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Header, Query
from fastapi.responses import FileResponse, Response, StreamingResponse
from pydantic import Field

from app.contracts import ControlAction
from app.errors import NotFoundError, UserError
from app.jobs.journal import Entry
from app.outgoing.addresses import LONGEST_URL, check_outgoing_url
from app.outgoing.asking import check_name
from app.values.base import Json, Value
from app.values.job import Job, JobState
from app.values.snapshot import JobSnapshot
from app.web.asking import Owner
from app.web.events_stream import HEADERS, encode_events
from app.web.job_json import event_json, job_json, listed_json
from app.web.ownership import owned_job

if TYPE_CHECKING:
    from app.host import Host

IMAGE_HEADERS = {"Cache-Control": "private, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
PAGE_SIZE = 50
HIGHEST_PRIORITY = 100
HIGHEST_POSITION = 1 << 31
LONGEST_KEY = 200
CALLBACK, LOOK_UP_S = "callback.url", 2.0
REPLAYED = "Idempotent-Replayed"


Key = Annotated[str, Header(max_length=LONGEST_KEY)]


class Callback(Value):
    """Who is told by a POST when the job has ended; with a ``secret`` what is told is signed (HMAC-SHA256)."""

    url: str = Field(max_length=LONGEST_URL)
    secret: str = Field("", max_length=500)


class NewJob(Value):
    """What is asked for: the kind's own request, and a word on who asks; of one's own waiting jobs the higher priority goes first."""

    kind: str = "generate"
    request: dict[str, Json] = {}
    source: str = "api"
    priority: int = Field(0, ge=-HIGHEST_PRIORITY, le=HIGHEST_PRIORITY)
    callback: Callback | None = None


class Arrangement(Value):
    """Where a waiting job is to stand: by its ``priority``, or at a ``position`` among one's own waiting jobs, 0 the next one."""

    priority: int | None = Field(None, ge=-HIGHEST_PRIORITY, le=HIGHEST_PRIORITY)
    position: int | None = Field(None, ge=0, le=HIGHEST_POSITION)


class Control(Value):
    """A wish for a job. ``interrupt`` of several parts (batches, files) keeps to the setting interrupt_after_current unless ``force``."""

    action: Literal["interrupt", "skip", "cancel"]
    force: bool = False


def jobs_router(host: Host) -> APIRouter:
    """Routes below /paintbox/v1."""
    router = APIRouter(prefix="/paintbox/v1", tags=["jobs"])
    _add_submission(router, host)
    _add_job_routes(router, host)
    _add_image_routes(router, host)

    start = token_hex(6)

    @router.get(
        "/worker",
        summary="What the worker is doing; ``settings`` is another number when settings were changed, ``start`` another word at each start",
    )
    def worker() -> dict[str, Json]:
        status: dict[str, Json] = host.jobs.worker_status().model_dump(mode="json")
        return {**status, "settings": host.settings.revision, "start": start}

    return router


def _add_submission(router: APIRouter, host: Host) -> None:
    @router.post("/jobs", status_code=202, summary="Put a job into the queue; the same Idempotency-Key adds no second one")
    def submit(body: NewJob, owner: Owner, answer: Response, idempotency_key: Key = "") -> dict[str, Any]:
        _check_entrance(host, body.kind)
        entry = _entry(body, idempotency_key, host)
        if earlier := host.jobs.named(owner, entry):
            answer.headers[REPLAYED] = "true"
            return job_json(host, earlier.id)
        settings = host.settings.changed()
        job = host.jobs.submit(body.kind, body.request, owner=owner, source=body.source, settings=settings, entry=entry)
        return job_json(host, job.id)

    @router.patch("/jobs/{job_id}", summary="Give a waiting job another place among one's own")
    def arrange(job_id: str, body: Arrangement, owner: Owner) -> dict[str, Any]:
        job = owned_job(host, job_id, owner)
        host.jobs.arrange(job.id, priority=body.priority, position=body.position)
        return job_json(host, job_id)


def _add_job_routes(router: APIRouter, host: Host) -> None:
    @router.get("/jobs", summary="Jobs, newest first")
    def list_jobs(
        owner: Owner,
        state: Annotated[list[JobState] | None, Query()] = None,
        source: str | None = None,
        limit: Annotated[int, Query(ge=1, le=500)] = PAGE_SIZE,
        before: str | None = None,
    ) -> list[dict[str, Any]]:
        found = host.jobs.list(owner=owner, states=state, source=source, limit=limit, before=before)
        return [listed_json(host, job) for job in found]

    @router.get("/jobs/{job_id}", summary="One job with its progress")
    def get(job_id: str, owner: Owner) -> dict[str, Any]:
        return job_json(host, owned_job(host, job_id, owner).id)

    @router.delete("/jobs/{job_id}", summary="Cancel a job")
    def cancel(job_id: str, owner: Owner) -> dict[str, Any]:
        host.jobs.control(owned_job(host, job_id, owner).id, "cancel")
        return job_json(host, job_id)

    @router.post("/jobs/{job_id}/control", status_code=202, summary="Interrupt a job or skip the running picture")
    def control(job_id: str, body: Control, owner: Owner) -> dict[str, Any]:
        job = owned_job(host, job_id, owner)
        host.jobs.control(job.id, _action(host, body, job))
        return job_json(host, job_id)

    @router.get("/jobs/{job_id}/events", summary="What happens to a job, as server-sent events")
    def events(job_id: str, owner: Owner) -> StreamingResponse:
        job = owned_job(host, job_id, owner)
        return StreamingResponse(
            encode_events(host.jobs.events(job.id), partial(event_json, host)), media_type="text/event-stream", headers=HEADERS
        )


def _entry(body: NewJob, key: str, host: Host) -> Entry:
    """How the job enters the queue; raises UserError for a callback that may not be."""
    callback = body.callback
    if callback is not None:
        asked = check_outgoing_url(callback.url, CALLBACK, allows_private=host.options.private_callbacks)
        if not host.options.private_callbacks:
            check_name(asked.hostname or "", CALLBACK, LOOK_UP_S)
    fingerprint = sha256(json.dumps(body.model_dump(mode="json"), sort_keys=True).encode()).hexdigest() if key else ""
    url, secret = (callback.url, callback.secret) if callback else ("", "")
    return Entry(body.priority, key, fingerprint, url, secret)


def _check_entrance(host: Host, kind: str) -> None:
    """Raise UserError for a kind of jobs that has a route of its own, which asks who may."""
    asked_at = host.job_kinds.get(kind).asked_at
    if asked_at:
        raise UserError(f"Jobs of the kind {kind!r} are asked for at {asked_at}.", field="kind", status=403)


def _add_image_routes(router: APIRouter, host: Host) -> None:
    @router.get("/jobs/{job_id}/images/{number}", summary="A picture of a job, as the file was saved")
    @router.get("/jobs/{job_id}/images/{number}/{name}", include_in_schema=False)
    def image(job_id: str, number: int, owner: Owner, name: str = "") -> FileResponse:
        owned_job(host, job_id, owner)
        path = _picture(host.jobs.snapshot(job_id), number, name)
        if not path.is_file():
            raise NotFoundError(f"{path.name} was deleted or moved.")
        return FileResponse(path, headers=IMAGE_HEADERS, content_disposition_type="inline", filename=path.name)


def _picture(snapshot: JobSnapshot, number: int, name: str) -> Path:
    """The file of a job's picture; one that an event has told of is found by its name, also when the result counts otherwise."""
    listed, pictures = [Path(image.path) for image in snapshot.images], len(snapshot.images)
    if 0 <= number < pictures and name in ("", listed[number].name):
        return listed[number]
    told = next((Path(image.path) for image in snapshot.told if name == Path(image.path).name), None)
    if told is not None:
        return told
    if not 0 <= number < pictures:
        raise NotFoundError(f"The job {snapshot.job.id} has no picture {number}.", hint=f"It has {pictures}, counted from 0.")
    return listed[number]


def _action(host: Host, body: Control, job: Job) -> ControlAction:
    """What the executor is told; only a job of several parts can end after the running one."""
    may_be_gentle = body.action == "interrupt" and not body.force and job.state is JobState.RUNNING
    if may_be_gentle and host.settings.get("interrupt_after_current") and _parts(host, job) > 1:
        return "stop_after_batch"
    return body.action


def _parts(host: Host, job: Job) -> int:
    """Of how many parts the job consists, as its kind counts them; a kind that fails at it keeps nobody from stopping the job."""
    kind, parts = host.job_kinds.get(job.kind), 1
    with host.hooks.isolated(host.job_kinds.owner(kind.id), "the parts of a job"):
        parts = kind.parts(kind.model.model_validate(job.request))
    return parts

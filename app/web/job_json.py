"""Jobs, their events and their pictures as clients see them: pictures have addresses instead of paths on this machine."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from app.values.events import JobCancelled, JobDone, JobFailed, JobImage
from app.values.job import Job, SavedImage
from app.values.snapshot import JobSnapshot

if TYPE_CHECKING:
    from app.host import Host
    from app.jobs.subscription import Item


def job_json(host: Host, job_id: str) -> dict[str, Any]:
    """A job; a running one tells its progress, a waiting one its place in the queue."""
    snapshot = host.jobs.snapshot(job_id)
    return {
        **_job(snapshot.job, snapshot.images),
        "queue_position": snapshot.position,
        "progress": snapshot.progress.model_dump(mode="json") if snapshot.progress else None,
        "callback": told.model_dump(mode="json") if (told := host.jobs.callbacks.of(job_id)) else None,
    }


def listed_json(host: Host, job: Job) -> dict[str, Any]:
    """A job of a list; one that has ended is not looked up again."""
    return {**_job(job, job.result.images), "queue_position": None, "progress": None} if job.state.ended else job_json(host, job.id)


def event_json(host: Host, event: Item) -> dict[str, Any]:
    """One event of a job's stream."""
    if isinstance(event, JobSnapshot):
        shown = event.model_dump(mode="json", exclude={"job", "images", "told"})
        return {**shown, "job": _job(event.job, event.images), "images": _images(event.job.id, event.images)}
    if isinstance(event, JobDone | JobFailed | JobCancelled):
        shown = event.model_dump(mode="json", exclude={"result": {"images"}, "traceback": True})
        shown["result"]["images"] = _images(event.job_id, event.result.images)
        return shown
    if isinstance(event, JobImage):
        paths = [image.path for image in host.jobs.snapshot(event.job_id).images]
        number = paths.index(event.image.path) if event.image.path in paths else len(paths)
        image = _image(event.job_id, number, event.image)
        lasting = f"{image['url']}/{quote(image['file'])}"
        return {"type": event.type, "job_id": event.job_id, "image": {**image, "url": lasting}}
    return event.model_dump(mode="json")


def _job(job: Job, images: Iterable[SavedImage]) -> dict[str, Any]:
    shown = job.model_dump(mode="json", exclude={"result": {"images"}})
    shown["result"]["images"] = _images(job.id, images)
    return shown


def _images(job_id: str, images: Iterable[SavedImage]) -> list[dict[str, Any]]:
    return [_image(job_id, number, image) for number, image in enumerate(images)]


def _image(job_id: str, number: int, image: SavedImage) -> dict[str, Any]:
    shown = image.model_dump(mode="json", exclude={"path", "spooled", "drawn_as"})
    return {**shown, "file": Path(image.path).name, "url": f"/paintbox/v1/jobs/{job_id}/images/{number}"}

"""Waits for a job on behalf of a client that holds the line, and reads or forgets the pictures that were kept for its answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from app.errors import PaintboxError, UserError
from app.jobs.queue import JobQueue
from app.values.job import Job, SavedImage
from app.values.snapshot import JobSnapshot

CLIENT_CHECK_S = 1.0
IsDisconnected = Callable[[], Awaitable[bool]]


class LostPictureError(PaintboxError):
    """A picture was drawn, and cannot be read."""


async def ended_job(jobs: JobQueue, job_id: str, is_disconnected: IsDisconnected | None = None) -> Job:
    """The job when it has ended, waited for without holding a thread; raises UserError when Paintbox ends first.

    With ``is_disconnected`` the job is cancelled when the client goes away.
    """
    waiting = asyncio.create_task(_followed(jobs, job_id))
    try:
        while not (await asyncio.wait({waiting}, timeout=CLIENT_CHECK_S))[0]:
            if is_disconnected is not None and await is_disconnected():
                await asyncio.to_thread(jobs.control, job_id, "cancel")
                is_disconnected = None
        return waiting.result()
    finally:
        waiting.cancel()


async def _followed(jobs: JobQueue, job_id: str) -> Job:
    async for item in jobs.events(job_id):
        if isinstance(item, JobSnapshot) and item.job.state.ended:
            return item.job
    raise UserError("Paintbox is ending; the pictures could not be finished.", status=503)


def picture_bytes(image: SavedImage) -> bytes:
    """The picture's file; raises LostPictureError that names it."""
    try:
        return Path(image.path).read_bytes()
    except OSError as error:
        raise LostPictureError(f"{Path(image.path).name} was drawn but cannot be read: {error.strerror}") from error


def forget_spooled(job: Job) -> None:
    """Delete the pictures that were kept for one answer only."""
    spooled = [Path(image.path) for image in job.result.images if image.spooled]
    for path in spooled:
        path.unlink(missing_ok=True)
    for folder in {path.parent for path in spooled}:
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()

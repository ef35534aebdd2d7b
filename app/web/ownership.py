"""Whose a job is."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from app.errors import NotFoundError
from app.values.ui import GalleryPicture
from app.web.shown import Shown, shown_of

if TYPE_CHECKING:
    from app.host import Host
    from app.values.job import Job

LOOK_BACK = 50
"""Jobs among which the latest with pictures is searched."""


def owned_job(host: Host, job_id: str, owner: str) -> Job:
    """The job if it belongs to ``owner``; NotFoundError otherwise, so that nobody learns what others have."""
    job = host.jobs.get(job_id)
    if job.owner != owner:
        raise host.jobs.missing(job_id)
    return job


def shown_pictures(host: Host, shown: Iterable[Shown], owner: str) -> list[GalleryPicture]:
    """The pictures of a gallery; those of jobs that are forgotten, or somebody else's, and files that are gone are left out."""
    jobs: dict[str, Job | None] = {}
    pictures: list[GalleryPicture] = []
    for each in shown:
        if each.job not in jobs:
            jobs[each.job] = _owned_or_none(host, each.job, owner)
        job = jobs[each.job]
        if job is not None and 0 <= each.number < len(job.result.images) and Path(job.result.images[each.number].path).is_file():
            pictures.append(GalleryPicture(job, each.number, job.result.images[each.number]))
    return pictures


def pictures_before(host: Host, job: Job, owner: str) -> list[GalleryPicture]:
    """The pictures of the latest job before ``job``, from the same place, that has some; none where there is no such job."""
    for earlier in host.jobs.list(owner=owner, before=job.id, source=job.source, limit=LOOK_BACK):
        pictures = shown_pictures(host, shown_of(earlier), owner)
        if pictures:
            return pictures
    return []


def _owned_or_none(host: Host, job_id: str, owner: str) -> Job | None:
    try:
        return owned_job(host, job_id, owner)
    except NotFoundError:
        return None

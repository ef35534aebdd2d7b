"""Whose a job is."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.host import Host
    from app.values.job import Job


def owned_job(host: Host, job_id: str, owner: str) -> Job:
    """The job if it belongs to ``owner``; NotFoundError otherwise, so that nobody learns what others have."""
    job = host.jobs.get(job_id)
    if job.owner != owner:
        raise host.jobs.missing(job_id)
    return job

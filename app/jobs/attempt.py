"""Work of a job that may fail without the job failing with it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from app.errors import JobStopped
from app.jobs.failure import job_failure
from app.values.events import JobFailed
from app.values.job import JobResult

logger = logging.getLogger(__name__)
T = TypeVar("T")


def attempt(work: Callable[[], T], job_id: str) -> tuple[T | None, JobFailed | None]:
    """What ``work`` returns, or None and why it failed; raises JobStopped. A fault of the program is written to the log with its place."""
    try:
        return work(), None
    except JobStopped:
        raise
    except Exception as error:
        failure = job_failure(job_id, error, JobResult())
        if not failure.user_error:
            logger.error("A part of the job %s failed: %s\n%s", job_id, failure.error, failure.traceback)
        return None, failure

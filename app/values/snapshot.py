"""What a watcher is told first: a job with everything known of it at one moment."""

from __future__ import annotations

from typing import Literal

from app.values.base import Value
from app.values.events import JobPreview, JobProgress
from app.values.job import Job, SavedImage

Stopping = Literal["", "skip", "stop_after_batch", "interrupt", "cancel"]


class JobSnapshot(Value):
    """A job at one moment.

    ``images`` are the pictures finished so far (those of its result once it ended), ``told`` those that events have told of, as far as that
    is still known: a result may list others, in another order. ``position`` counts from 0 (next) while it is queued;
    ``stopping`` is the strongest wish somebody has sent to the running job, empty when there is none; a skip ends with its batch.
    """

    type: Literal["snapshot"] = "snapshot"
    job: Job
    progress: JobProgress | None = None
    preview: JobPreview | None = None
    images: tuple[SavedImage, ...] = ()
    told: tuple[SavedImage, ...] = ()
    position: int | None = None
    stopping: Stopping = ""

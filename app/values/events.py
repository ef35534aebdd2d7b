"""What a worker tells the web process while it works: one JSON object per event."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from app.values.base import Json, Value
from app.values.job import JobResult, SavedImage


class WorkerStatus(Value):
    """State of a worker: starting, loading (a checkpoint), ready, busy, stopped (died or was killed; ``message`` says why)."""

    type: Literal["worker"] = "worker"
    worker: str
    state: Literal["starting", "loading", "ready", "busy", "stopped"]
    message: str = ""
    model: str = ""
    device: str = ""


class JobStarted(Value):
    """The worker took the job."""

    type: Literal["started"] = "started"
    job_id: str


class JobProgress(Value):
    """``fraction`` of the whole job 0..1; ``step`` of ``steps`` in the running pass; ``text`` says what is being done."""

    type: Literal["progress"] = "progress"
    job_id: str
    fraction: float
    step: int = 0
    steps: int = 0
    pass_index: int = 0
    pass_count: int = 1
    text: str = ""
    eta_s: float | None = None


class JobPreview(Value):
    """A rough picture of the running step, encoded; ``data`` is base64 without a prefix."""

    type: Literal["preview"] = "preview"
    job_id: str
    mime: str = "image/jpeg"
    data: str
    width_px: int
    height_px: int


class JobImage(Value):
    """One finished picture of the job."""

    type: Literal["image"] = "image"
    job_id: str
    image: SavedImage


class JobDone(Value):
    """The job ended well (perhaps stopped early by the user: ``result.stopped``)."""

    type: Literal["done"] = "done"
    job_id: str
    result: JobResult


class JobFailed(Value):
    """The job failed; ``error`` is the sentence for the user, ``traceback`` is for the log.

    ``lost``: told by the executor when the worker ended under the job; one that had not begun to draw is then tried once more.
    """

    type: Literal["failed"] = "failed"
    job_id: str
    error: str
    user_error: bool = False
    lost: bool = False
    traceback: str = ""
    result: JobResult = JobResult()


class JobCancelled(Value):
    """The job was cancelled before it finished."""

    type: Literal["cancelled"] = "cancelled"
    job_id: str
    result: JobResult = JobResult()


class JobQueued(Value):
    """The queue took the job (told by the web process, not by a worker); ``position`` 0 is next."""

    type: Literal["queued"] = "queued"
    job_id: str
    position: int


class Fact(Value):
    """Something a worker learned that the web process keeps, e.g. a file's prediction type; ``topic`` names the listener."""

    type: Literal["fact"] = "fact"
    topic: str
    data: dict[str, Json]


JobEvent = JobQueued | JobStarted | JobProgress | JobPreview | JobImage | JobDone | JobFailed | JobCancelled
Event = Annotated[
    WorkerStatus | JobQueued | JobStarted | JobProgress | JobPreview | JobImage | JobDone | JobFailed | JobCancelled | Fact,
    Field(discriminator="type"),
]
event_adapter: TypeAdapter[Event] = TypeAdapter(Event)

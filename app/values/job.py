"""A unit of work in the queue."""

from __future__ import annotations

from enum import StrEnum

from app.values.base import Json, Value
from app.values.networks import NetworkUse


class JobState(StrEnum):
    """Where a job stands; ``interrupted``: the program ended while it ran."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"

    @property
    def ended(self) -> bool:
        """True when nothing more will happen to the job."""
        return self not in (JobState.QUEUED, JobState.RUNNING)


class SavedImage(Value):
    """A picture on disk; ``path`` absolute; ``spooled``: it lies in the spool and not in the outputs.

    ``drawn_as``: a checksum of everything that has decided the pixels, and of them, where the file holds exactly what the model gave.
    """

    path: str
    width_px: int
    height_px: int
    infotext: str
    index: int
    seed: int
    subseed: int
    prompt: str
    negative_prompt: str
    kind: str = "sample"
    spooled: bool = False
    drawn_as: str = ""


class JobResult(Value):
    """What a job left behind: pictures, comments for the user (warnings), and JSON facts for API clients.

    ``alerts`` are the comments that must not be overlooked; ``error_field``: the request field at fault where the job failed for one.
    """

    images: tuple[SavedImage, ...] = ()
    comments: tuple[str, ...] = ()
    alerts: tuple[str, ...] = ()
    error_field: str = ""
    info: dict[str, Json] = {}
    networks: tuple[NetworkUse, ...] = ()
    """The truth about every file beside the checkpoint that was to be used."""
    stopped: str = ""
    """"interrupt" or "skip" when somebody ended it early and the pictures are what existed until then."""


class Job(Value):
    """A job as journaled; changed only by the queue. Times are seconds since the epoch.

    ``kind``: id of a JobKind; ``request``: JSON that the kind's request model validates; ``settings``: the values that differ
    from the defaults when it was queued; ``source``: who asked ("txt2img" tab, "api", a script); ``priority``: of its owner's jobs the
    higher goes first; ``user_error``: it failed because of something that the user can correct.
    """

    id: str
    kind: str
    owner: str
    source: str = ""
    state: JobState = JobState.QUEUED
    priority: int = 0
    request: dict[str, Json] = {}
    settings: dict[str, Json] = {}
    created: float
    started: float | None = None
    finished: float | None = None
    attempts: int = 0
    error: str = ""
    user_error: bool = False
    result: JobResult = JobResult()

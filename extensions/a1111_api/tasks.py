"""Tasks: jobs by the ids that clients give them, and A1111's answers about their progress."""

from __future__ import annotations

import secrets
import string
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import BaseModel

from app.api import Host, Job, JobSnapshot, JobState, Json, NotFoundError, StashKey
from extensions.a1111_api.progress import drawing

MOST_REMEMBERED = 1000
ID_CHARACTERS = string.ascii_lowercase + string.digits
ID_LENGTH = 7
NO_PREVIEW = -1


class TaskProgressBody(BaseModel):
    """Which task; a preview comes only when it is another one than the client has."""

    id_task: str
    id_live_preview: int = NO_PREVIEW
    live_preview: bool = True


class Tasks:
    """The newest ids of tasks with their jobs; an id that is given again means the newer job. Usable from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._jobs: dict[str, str] = {}

    def remember(self, task_id: str, job_id: str) -> None:
        """The id belongs to the job from now on."""
        with self._lock:
            self._jobs.pop(task_id, None)
            self._jobs[task_id] = job_id
            while len(self._jobs) > MOST_REMEMBERED:
                del self._jobs[next(iter(self._jobs))]

    def job_of(self, task_id: str) -> str:
        """The id of its job; a job that nobody named has its own id for this too."""
        return self._jobs.get(task_id, task_id)

    def names(self) -> dict[str, str]:
        """Task ids by the ids of their jobs."""
        with self._lock:
            return {job_id: task_id for task_id, job_id in self._jobs.items()}


TASKS = StashKey[Tasks]("tasks of A1111's API")


@contextmanager
def remembered_tasks(host: Host) -> Iterator[None]:
    """Remember tasks while the host runs."""
    host.stash[TASKS] = Tasks()
    try:
        yield
    finally:
        del host.stash[TASKS]


def new_task_id(route: str) -> str:
    """As A1111 names a task whose client has not."""
    return f"task({route}-{''.join(secrets.choice(ID_CHARACTERS) for _ in range(ID_LENGTH))})"


def task_progress(body: TaskProgressBody, owner: str, host: Host) -> dict[str, Json]:
    """How far a task is; one that is unknown or somebody else's is neither waiting nor running nor done."""
    snapshot = _snapshot(body.id_task, owner, host)
    state = snapshot.job.state if snapshot else None
    answer: dict[str, Json] = {
        "active": state is JobState.RUNNING, "queued": state is JobState.QUEUED, "completed": state is not None and state.ended,
        "progress": None, "eta": None, "live_preview": None, "id_live_preview": NO_PREVIEW, "textinfo": "Waiting...",
    }  # fmt: skip
    if snapshot is not None and state is JobState.QUEUED:
        return answer | {"textinfo": f"In queue: {(snapshot.position or 0) + 1}/{len(_queued(owner, host))}"}
    if snapshot is None or state is not JobState.RUNNING:
        return answer
    told = snapshot.progress
    running: dict[str, Json] = {"progress": 0.0, "textinfo": None}
    if told is not None:
        running = {"progress": min(1.0, told.fraction), "eta": told.eta_s, "textinfo": told.text or None}
    return answer | running | _preview(snapshot, body)


def pending_tasks(owner: str, host: Host) -> dict[str, Json]:
    """Ids of the caller's tasks that wait, the next one first."""
    names = host.stash[TASKS].names()
    ids: list[Json] = [names.get(job.id, job.id) for job in reversed(_queued(owner, host))]
    return {"size": len(ids), "tasks": ids}


def _queued(owner: str, host: Host) -> list[Job]:
    return drawing(host.jobs.list(owner=owner, states=[JobState.QUEUED]), host)


def _snapshot(task_id: str, owner: str, host: Host) -> JobSnapshot | None:
    try:
        snapshot = host.jobs.snapshot(host.stash[TASKS].job_of(task_id))
    except NotFoundError:
        return None
    return snapshot if snapshot.job.owner == owner else None


def _preview(snapshot: JobSnapshot, body: TaskProgressBody) -> dict[str, Json]:
    """The newest preview with a number of its own, unless the client has it."""
    if snapshot.preview is None or not body.live_preview:
        return {}
    number = zlib.crc32(snapshot.preview.data.encode())
    if number == body.id_live_preview:
        return {"id_live_preview": number}
    return {"id_live_preview": number, "live_preview": f"data:{snapshot.preview.mime};base64,{snapshot.preview.data}"}

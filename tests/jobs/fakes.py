"""An executor that does nothing by itself, a few kinds of jobs, and events to let it tell."""

from __future__ import annotations

from pydantic import Field

from app.contracts import ControlAction, ExecutorSink, JobKind
from app.errors import NotFoundError
from app.values.base import Value
from app.values.events import JobDone, JobFailed, JobImage, JobPreview, JobProgress, WorkerStatus
from app.values.job import Job, JobResult, SavedImage


class FakeExecutor:
    """Takes ``slots`` jobs and remembers everything; tests tell the queue what happens through ``sink``."""

    id = "fake"

    def __init__(self, slots=1):
        self.slots = slots
        self.sink: ExecutorSink = lambda event: None
        self.submitted: list[Job] = []
        self.controls: list[tuple[str, ControlAction]] = []
        self.closed = False

    def start(self, sink):
        self.sink = sink

    def submit(self, job):
        self.slots -= 1
        self.submitted.append(job)

    def control(self, job_id, action):
        self.controls.append((job_id, action))

    @property
    def free_slots(self):
        return self.slots

    def close(self):
        self.closed = True

    def end(self, event):
        """Tell the end of a job; its slot is free again."""
        self.slots += 1
        self.sink(event)

    def done(self, job, *images):
        self.end(JobDone(job_id=job.id, result=JobResult(images=images)))

    def lost(self, job, reason="The worker process was killed."):
        self.end(JobFailed(job_id=job.id, error=reason, lost=True))

    def ready(self):
        """Tell that there is room now."""
        self.slots += 1
        self.sink(WorkerStatus(worker="fake", state="ready"))


class Counting(Value):
    """A request with something to check."""

    steps: int = Field(20, ge=1, le=100)
    note: str = ""


class Kinds:
    """One kind of jobs, "count"."""

    def get(self, name):
        if name != "count":
            raise NotFoundError(f"There is no kind of job {name!r}.")
        return JobKind("count", "Count", Counting, lambda run, request: JobResult())


def picture(index, path="/outputs/x.png"):
    return SavedImage(
        path=path, width_px=8, height_px=8, infotext=f"seed {index}", index=index, seed=index, subseed=0, prompt="moon", negative_prompt=""
    )


def image(job, index):
    return JobImage(job_id=job.id, image=picture(index))


def step(job, number, steps=10):
    return JobProgress(job_id=job.id, fraction=number / steps, step=number, steps=steps)


def preview(job, data="AAAA"):
    return JobPreview(job_id=job.id, data=data, width_px=8, height_px=8)

"""An executor for tests that does what the test says: no process, no torch; the queue and everything above it are the real ones."""

from __future__ import annotations

import base64
import io
import threading
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from app.contracts import ControlAction, ExecutorSink
from app.values.events import JobDone, JobFailed, JobImage, JobPreview, JobProgress, JobStarted, WorkerStatus
from app.values.job import Job, JobResult, SavedImage

INFOTEXT = "{prompt}\nSteps: {steps}, Sampler: Euler, CFG scale: 7, Seed: {seed}, Size: 64x64"


class StagedExecutor:
    """One slot; takes jobs and waits until the test moves them on."""

    id = "staged"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.controls: list[tuple[str, ControlAction]] = []
        self.on_submit: Callable[[Job], None] = lambda job: None
        self._sink: ExecutorSink = lambda event: None
        self._job: Job | None = None
        self._taken = threading.Condition()

    # --- what the queue calls ---

    def start(self, sink: ExecutorSink) -> None:
        self._sink = sink
        self.worker("ready")

    def submit(self, job: Job) -> None:
        with self._taken:
            self._job = job
            self._taken.notify_all()
        self._sink(JobStarted(job_id=job.id))
        self.on_submit(job)

    def control(self, job_id: str, action: ControlAction) -> None:
        self.controls.append((job_id, action))

    @property
    def free_slots(self) -> int:
        return 0 if self._job is not None else 1

    def close(self) -> None:
        self._job = None

    # --- what a test calls ---

    def worker(self, state: str, message: str = "") -> None:
        self._sink(WorkerStatus.model_validate({"worker": "staged", "state": state, "message": message, "model": "demo", "device": "cpu"}))

    def running(self) -> Job:
        """The job that the queue handed over; waits for it."""
        with self._taken:
            assert self._taken.wait_for(lambda: self._job is not None, timeout=10), "no job was handed over"
            assert self._job is not None
            return self._job

    def progress(self, step: int, steps: int, eta_s: float | None = None) -> None:
        job = self.running()
        self._sink(JobProgress(job_id=job.id, fraction=step / steps, step=step, steps=steps, eta_s=eta_s))

    def preview(self, color: str = "orange") -> None:
        job = self.running()
        data = base64.b64encode(_picture(color, "JPEG")).decode()
        self._sink(JobPreview(job_id=job.id, data=data, width_px=64, height_px=64))

    def finish(self, count: int = 1, seed: int = 1000, comments: tuple[str, ...] = ()) -> list[SavedImage]:
        job = self.running()
        images = [self._save(job, number, seed + number) for number in range(count)]
        for image in images:
            self._sink(JobImage(job_id=job.id, image=image))
        self._end()
        self._sink(JobDone(job_id=job.id, result=JobResult(images=tuple(images), comments=comments, info={"seed": seed})))
        return images

    def fail(self, error: str) -> None:
        job = self.running()
        self._end()
        self._sink(JobFailed(job_id=job.id, error=error))

    def _end(self) -> None:
        with self._taken:
            self._job = None

    def _save(self, job: Job, number: int, seed: int) -> SavedImage:
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{job.id}-{number}.png"
        path.write_bytes(_picture(("red", "green", "blue", "purple")[number % 4], "PNG"))
        prompt = str(job.request.get("prompt", ""))
        infotext = INFOTEXT.format(prompt=prompt, steps=job.request.get("steps", 20), seed=seed)
        return SavedImage(
            path=str(path),
            width_px=64,
            height_px=64,
            infotext=infotext,
            index=number,
            seed=seed,
            subseed=0,
            prompt=prompt,
            negative_prompt="",
        )


def _picture(color: str, kind: str) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (64, 64), color).save(buffer, kind)
    return buffer.getvalue()

"""Progress, interrupt and skip of the caller's running job."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from app.api import Host, Job, JobSnapshot, JobState, Json

NEVER = "0"
BEGUN = 0.01
"""So far is a job that waits or has just begun: a progress of 0 means to clients that there is nothing to wait for."""


def progress(owner: str, host: Host, *, skip_current_image: bool) -> dict[str, Json]:
    """What A1111's progress route tells; with nothing to do everything is zero. Others' jobs are not shown."""
    snapshot = _current(owner, host)
    if snapshot is None:
        return {"progress": 0.0, "eta_relative": 0.0, "state": _idle_state(), "current_image": None, "textinfo": None}
    told, preview = snapshot.progress, snapshot.preview
    return {
        "progress": min(1.0, BEGUN + (told.fraction if told else 0.0)),
        "eta_relative": (told.eta_s or 0.0) if told else 0.0,
        "state": _state(snapshot),
        "current_image": preview.data if preview and not skip_current_image else None,
        "textinfo": told.text or None if told else None,
    }


def stop(owner: str, host: Host, action: Literal["interrupt", "skip"]) -> None:
    """Pass the wish to the caller's running job, if there is one."""
    for job in drawing(host.jobs.list(owner=owner, states=[JobState.RUNNING]), host):
        host.jobs.control(job.id, action)


def _current(owner: str, host: Host) -> JobSnapshot | None:
    """The caller's running job, else the one that will be next."""
    running = drawing(host.jobs.list(owner=owner, states=[JobState.RUNNING]), host)
    waiting = running or drawing(host.jobs.list(owner=owner, states=[JobState.QUEUED]), host)
    return host.jobs.snapshot(waiting[-1].id) if waiting else None


def drawing(jobs: list[Job], host: Host) -> list[Job]:
    """Those that A1111 would know of: jobs beside the device's, such as downloads, are not its business."""
    return [job for job in jobs if job.kind not in host.job_kinds or host.job_kinds.get(job.kind).needs_device]


def _state(snapshot: JobSnapshot) -> dict[str, Json]:
    job, told = snapshot.job, snapshot.progress
    batches = job.request.get("batch_count", 1)
    batch_count = batches if isinstance(batches, int) else 1
    passes, done = (told.pass_count, told.fraction) if told else (1, 0.0)
    batch = min(batch_count - 1, int(done * batch_count))
    return {
        "skipped": snapshot.stopping == "skip",
        "interrupted": snapshot.stopping in ("interrupt", "cancel"),
        "stopping_generation": snapshot.stopping == "stop_after_batch",
        "job": f"Batch {batch + 1} out of {batch_count}" if batch_count > 1 else job.kind,
        "job_count": batch_count * passes,
        "job_timestamp": datetime.fromtimestamp(job.started or job.created).strftime("%Y%m%d%H%M%S"),
        "job_no": batch * passes + (told.pass_index if told else 0),
        "sampling_step": told.step if told else 0,
        "sampling_steps": told.steps if told else 0,
    }


def _idle_state() -> dict[str, Json]:
    return {
        "skipped": False,
        "interrupted": False,
        "stopping_generation": False,
        "job": "",
        "job_count": 0,
        "job_timestamp": NEVER,
        "job_no": 0,
        "sampling_step": 0,
        "sampling_steps": 0,
    }

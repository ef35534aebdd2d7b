"""A part of a job, for what does several things in one: its own way to report, all else as for the whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.contracts.running import JobControl, Run, WeightsCache
from app.stash import Stash
from app.values.base import Json
from app.values.events import Event, JobProgress
from app.values.job import Job
from app.values.networks import NetworkUse


class PartRun:
    """Fulfils Run as a part of ``inner``; a subclass changes what it reports, or gives it a ``stash`` or ``settings`` of its own."""

    host: Any

    def __init__(self, inner: Run) -> None:
        self.inner = inner
        self.job: Job = inner.job
        self.host = inner.host
        self.stash: Stash = inner.stash
        self.settings: Mapping[str, Json] = inner.settings
        self.weights: WeightsCache = inner.weights
        self.control: JobControl = inner.control
        self.device = inner.device

    def report(self, event: Event) -> None:
        """Send an event to the web process."""
        self.inner.report(event)

    def comment(self, text: str) -> None:
        """Add a warning to the job's result, once."""
        self.inner.comment(text)

    def used_network(self, network: NetworkUse) -> None:
        """Say what became of a file."""
        self.inner.used_network(network)

    def tell(self, text: str, fraction: float = 0.0) -> None:
        """Report what is being done."""
        self.report(JobProgress(job_id=self.job.id, fraction=fraction, text=text))

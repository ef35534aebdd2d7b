"""A job's context for tests: remembers what was reported, and stops where it is told to."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TypeVar

from app.contracts import JobControl, WeightsCache
from app.errors import JobStopped, StopKind
from app.generation.generate import generate
from app.host import Host
from app.stash import Stash
from app.values.base import Json
from app.values.events import Event, JobProgress
from app.values.job import Job, JobResult
from app.values.networks import NetworkUse
from app.values.request import GenerationRequest
from app.weights.cache import CacheLimits, ModelCache
from app.weights.loading import checkpoint_loader

E = TypeVar("E")


class ScriptedControl:
    """A JobControl that stops the job at its ``stop_at``-th check, counted from 0, once (a skip) or for good."""

    def __init__(self, stop_at: int | None = None, kind: StopKind = "interrupt") -> None:
        self._stop_at = stop_at
        self._kind: StopKind = kind
        self.checks = 0
        self.stop_after_batch = False

    def check(self) -> None:
        """Raise JobStopped where the script says so."""
        index = self.checks
        self.checks += 1
        if self._stop_at is not None and (index == self._stop_at or (index > self._stop_at and self._kind != "skip")):
            raise JobStopped(self._kind)


class RecordingRun:
    """Fulfils Run in the test's own process; ``events`` are all reports in order."""

    def __init__(self, host: Host, settings: Mapping[str, Json] | None = None, control: ScriptedControl | None = None) -> None:
        self.job = Job(id="job-1", kind="generate", owner="", created=time.time())
        self.host = host
        self.settings: Mapping[str, Json] = {**host.settings.snapshot(), **(settings or {})}
        loader = checkpoint_loader(host.models, host.families)
        self.weights: WeightsCache = ModelCache(loader, lambda: CacheLimits(2, 1 << 30))
        self.control: JobControl = control or ScriptedControl()
        self.device = "cpu"
        self.stash = Stash()
        self.events: list[Event] = []
        self.comments: list[str] = []
        self.networks: list[NetworkUse] = []

    def report(self, event: Event) -> None:
        """Remember the event."""
        self.events.append(event)

    def comment(self, text: str) -> None:
        """Remember the warning."""
        if text not in self.comments:
            self.comments.append(text)

    def used_network(self, network: NetworkUse) -> None:
        """Remember what became of a file."""
        self.networks.append(network)

    def tell(self, text: str, fraction: float = 0.0) -> None:
        """Report what is being done."""
        self.report(JobProgress(job_id=self.job.id, fraction=fraction, text=text))

    def reported(self, kind: type[E]) -> list[E]:
        """The events of one type."""
        return [event for event in self.events if isinstance(event, kind)]


def draw(run: RecordingRun, request: GenerationRequest) -> JobResult:
    """Draw a request in the test's own process."""
    return generate(request, run)

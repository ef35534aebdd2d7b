"""A part of a job: one operation on one picture, whose progress is told in terms of the whole job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.api import Event, Job, JobControl, JobProgress, Json, NetworkUse, Run, Stash, WeightsCache

if TYPE_CHECKING:
    from app.api import Host


@dataclass
class PartRun:
    """Fulfils Run; the part begins at ``begin`` of the whole and is ``share`` of it. ``name``: what is worked on."""

    job: Job
    host: Host
    stash: Stash
    settings: Mapping[str, Json]
    weights: WeightsCache
    control: JobControl
    device: str
    inner: Run
    begin: float
    share: float
    name: str

    @classmethod
    def of(cls, run: Run, begin: float, share: float, name: str) -> PartRun:
        """The part of ``run``."""
        return cls(run.job, run.host, run.stash, run.settings, run.weights, run.control, run.device, run, begin, share, name)

    def report(self, event: Event) -> None:
        """Send an event, in terms of the whole job."""
        if isinstance(event, JobProgress):
            event = event.model_copy(update={"fraction": min(1.0, self.begin + self.share * event.fraction)})
        self.inner.report(event)

    def comment(self, text: str) -> None:
        """Add a warning that says which picture is meant."""
        self.inner.comment(f"{self.name}: {text}" if self.name else text)

    def used_network(self, network: NetworkUse) -> None:
        """Say what became of a file."""
        self.inner.used_network(network)

    def tell(self, text: str, fraction: float = 0.0) -> None:
        """Report what is being done."""
        self.report(JobProgress(job_id=self.job.id, fraction=fraction, text=f"{text} {self.name}".rstrip()))

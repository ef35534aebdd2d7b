"""One cell as a part of its job: progress and pictures are told in terms of the whole job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.contracts import JobControl, Run, WeightsCache
from app.stash import Stash
from app.values.base import Json
from app.values.events import Event, JobImage, JobProgress
from app.values.job import Job
from app.values.networks import NetworkUse

if TYPE_CHECKING:
    from app.host import Host


@dataclass
class CellRun:
    """Fulfils Run for cell ``number`` of ``count``, counted from 0; what extensions keep for a job they keep for the cell."""

    job: Job
    host: Host
    settings: Mapping[str, Json]
    weights: WeightsCache
    control: JobControl
    device: str
    inner: Run
    number: int
    count: int
    stash: Stash = field(default_factory=Stash)

    @classmethod
    def of(cls, run: Run, number: int, count: int) -> CellRun:
        """The part of ``run``."""
        return cls(run.job, run.host, run.settings, run.weights, run.control, run.device, run, number, count)

    def report(self, event: Event) -> None:
        """Send an event, in terms of the whole job."""
        if isinstance(event, JobProgress):
            text = f"Cell {self.number + 1}/{self.count}: {event.text}".rstrip(": ")
            event = event.model_copy(update={"fraction": (self.number + event.fraction) / self.count, "text": text, "eta_s": None})
        elif isinstance(event, JobImage):
            event = event.model_copy(update={"image": event.image.model_copy(update={"index": self.number})})
        self.inner.report(event)

    def comment(self, text: str) -> None:
        """Add a warning to the job's, once for all cells."""
        self.inner.comment(text)

    def used_network(self, network: NetworkUse) -> None:
        """Say what became of a file."""
        self.inner.used_network(network)

    def tell(self, text: str, fraction: float = 0.0) -> None:
        """Report what is being done."""
        self.report(JobProgress(job_id=self.job.id, fraction=fraction, text=text))

"""The only context that a job sees."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.contracts import JobControl, WeightsCache
from app.stash import Stash
from app.values.base import Json
from app.values.events import Event, JobImage, JobProgress
from app.values.job import Job, JobResult, SavedImage
from app.values.networks import NetworkUse


@dataclass
class WorkerRun:
    """Implements ``Run``; remembers the reported pictures, so that a job that ends early still has them."""

    job: Job
    host: Any
    settings: Mapping[str, Json]
    weights: WeightsCache
    control: JobControl
    device: str
    send: Callable[[Event], None]
    stash: Stash = field(default_factory=Stash)
    images: list[SavedImage] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    networks: dict[tuple[str, str], NetworkUse] = field(default_factory=dict)

    def report(self, event: Event) -> None:
        """Send an event to the web process."""
        if isinstance(event, JobImage):
            self.images.append(event.image)
        self.send(event)

    def comment(self, text: str) -> None:
        """Add a warning to the result, once."""
        if text not in self.comments:
            self.comments.append(text)

    def used_network(self, network: NetworkUse) -> None:
        """Say what became of a file; of the same one the last word counts."""
        self.networks[network.type, network.name] = network

    def tell(self, text: str, fraction: float = 0.0) -> None:
        """Report what is being done."""
        self.report(JobProgress(job_id=self.job.id, fraction=fraction, text=text))

    def with_comments(self, result: JobResult) -> JobResult:
        """A finished job's result with the warnings that were added here."""
        added = tuple(text for text in self.comments if text not in result.comments)
        return result.model_copy(update={"comments": (*result.comments, *added)}) if added else result

    def result_so_far(self, stopped: str = "") -> JobResult:
        """The pictures that exist."""
        networks = tuple(self.networks.values())
        return JobResult(images=tuple(self.images), comments=tuple(self.comments), networks=networks, stopped=stopped)

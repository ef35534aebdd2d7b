"""The only context that a job sees."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.contracts import JobControl, WeightsCache
from app.stash import Stash
from app.values.base import Json
from app.values.events import Event, JobImage
from app.values.job import Job, JobResult, SavedImage


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

    def report(self, event: Event) -> None:
        """Send an event to the web process."""
        if isinstance(event, JobImage):
            self.images.append(event.image)
        self.send(event)

    def comment(self, text: str) -> None:
        """Add a warning to the result, once."""
        if text not in self.comments:
            self.comments.append(text)

    def result_so_far(self, stopped: str = "") -> JobResult:
        """The pictures that exist, and the warnings."""
        return JobResult(images=tuple(self.images), comments=tuple(self.comments), stopped=stopped)

"""One cell as a part of its job: progress and pictures are told in terms of the whole job."""

from __future__ import annotations

from app.contracts import PartRun, Run
from app.stash import Stash
from app.values.events import Event, JobImage, JobProgress


class CellRun(PartRun):
    """Cell ``number`` of ``count``, counted from 0; what extensions keep for a job they keep for the cell."""

    def __init__(self, inner: Run, number: int, count: int) -> None:
        super().__init__(inner)
        self.number, self.count, self.stash = number, count, Stash()

    def report(self, event: Event) -> None:
        """Send an event, in terms of the whole job."""
        if isinstance(event, JobProgress):
            text = f"Cell {self.number + 1}/{self.count}: {event.text}".rstrip(": ")
            event = event.model_copy(update={"fraction": (self.number + event.fraction) / self.count, "text": text, "eta_s": None})
        elif isinstance(event, JobImage):
            event = event.model_copy(update={"image": event.image.model_copy(update={"index": self.number})})
        self.inner.report(event)

"""A part of a job that draws several requests: its progress and pictures count on from what was done before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.api import Event, Job, JobControl, JobImage, JobProgress, Json, NetworkUse, Run, SavedImage, Stash, WeightsCache
from extensions.img2img.batch_shown import is_shown

if TYPE_CHECKING:
    from app.api import Host


@dataclass
class PartRun:
    """Fulfils Run for part ``number`` of ``count``; ``first_index``: number of its first picture in the job."""

    job: Job
    host: Host
    stash: Stash
    settings: Mapping[str, Json]
    weights: WeightsCache
    control: JobControl
    device: str
    inner: Run
    number: int
    count: int
    first_index: int
    comments: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, run: Run, number: int, count: int, first_index: int) -> PartRun:
        """The part of ``run``."""
        return cls(run.job, run.host, run.stash, run.settings, run.weights, run.control, run.device, run, number, count, first_index)

    def report(self, event: Event) -> None:
        """Send an event, in terms of the whole job."""
        if isinstance(event, JobProgress):
            text = f"{self.number + 1}/{self.count} {event.text}".rstrip()
            event = event.model_copy(update={"fraction": (self.number + event.fraction) / self.count, "text": text})
        elif isinstance(event, JobImage):
            image = self.counted_on(event.image)
            if not is_shown(image, self.inner):
                return
            event = event.model_copy(update={"image": image})
        self.inner.report(event)

    def counted_on(self, image: SavedImage) -> SavedImage:
        """A picture of the part under its number in the job; grids have none."""
        return image.model_copy(update={"index": image.index + self.first_index}) if image.index >= 0 else image

    def comment(self, text: str) -> None:
        """Add a warning to the part's."""
        self.comments.append(text)

    def used_network(self, network: NetworkUse) -> None:
        """Say what became of a file."""
        self.inner.used_network(network)

    def tell(self, text: str, fraction: float = 0.0) -> None:
        """Report what is being done."""
        self.report(JobProgress(job_id=self.job.id, fraction=fraction, text=text))

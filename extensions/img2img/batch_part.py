"""A part of a job that draws several requests: its progress and pictures count on from what was done before."""

from __future__ import annotations

from app.api import Event, JobImage, JobProgress, PartRun, Run, SavedImage
from extensions.img2img.batch_shown import is_shown


class PictureRun(PartRun):
    """Part ``number`` of ``count``; ``first_index``: number of its first picture in the job."""

    def __init__(self, inner: Run, number: int, count: int, first_index: int) -> None:
        super().__init__(inner)
        self.number, self.count, self.first_index = number, count, first_index
        self.comments: list[str] = []

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

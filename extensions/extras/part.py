"""A part of a job: one operation on one picture, whose progress is told in terms of the whole job."""

from __future__ import annotations

from app.api import Event, JobProgress, PartRun, Run


class OperationRun(PartRun):
    """The part begins at ``begin`` of the whole and is ``share`` of it. ``name``: what is worked on."""

    def __init__(self, inner: Run, begin: float, share: float, name: str) -> None:
        super().__init__(inner)
        self.begin, self.share, self.name = begin, share, name

    def report(self, event: Event) -> None:
        """Send an event, in terms of the whole job."""
        if isinstance(event, JobProgress):
            event = event.model_copy(update={"fraction": min(1.0, self.begin + self.share * event.fraction)})
        self.inner.report(event)

    def comment(self, text: str) -> None:
        """Add a warning that says which picture is meant."""
        self.inner.comment(f"{self.name}: {text}" if self.name else text)

    def tell(self, text: str, fraction: float = 0.0) -> None:
        """Report what is being done, and to which picture."""
        super().tell(f"{text} {self.name}".rstrip(), fraction)

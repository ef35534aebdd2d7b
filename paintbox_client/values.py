"""What the server tells, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ENDED = frozenset({"done", "failed", "cancelled", "interrupted"})


@dataclass(frozen=True)
class Progress:
    """How far a job is: ``fraction`` of the whole 0..1, ``step`` of ``steps`` in the running pass, ``eta_s`` seconds left, or None."""

    fraction: float = 0.0
    step: int = 0
    steps: int = 0
    text: str = ""
    eta_s: float | None = None

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Progress:
        """From an event or the ``progress`` of a job."""
        return cls(told["fraction"], told.get("step", 0), told.get("steps", 0), told.get("text", ""), told.get("eta_s"))


@dataclass(frozen=True)
class Picture:
    """A picture of a job: ``url`` is its path on the server, ``file`` the name of its file; ``kind`` is "sample", "grid", or another."""

    url: str
    file: str
    width: int
    height: int
    seed: int
    infotext: str
    kind: str = "sample"

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Picture:
        """From an entry of a job's pictures."""
        return cls(told["url"], told["file"], told["width_px"], told["height_px"], told["seed"], told["infotext"], told["kind"])


@dataclass(frozen=True)
class JobFacts:
    """A job at one moment; ``state`` is queued, running, done, failed, cancelled or interrupted; ``position`` 0 is next."""

    id: str
    kind: str
    state: str
    error: str
    priority: int
    position: int | None
    progress: Progress
    pictures: tuple[Picture, ...]
    comments: tuple[str, ...]

    @property
    def ended(self) -> bool:
        """True when nothing more will happen to the job."""
        return self.state in ENDED

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> JobFacts:
        """From the server's JSON."""
        progress = told.get("progress")
        return cls(
            id=told["id"],
            kind=told["kind"],
            state=told["state"],
            error=told["error"],
            priority=told.get("priority", 0),
            position=told.get("queue_position"),
            progress=Progress.of(progress) if progress else Progress(1.0 if told["state"] in ENDED else 0.0),
            pictures=tuple(Picture.of(image) for image in told["result"]["images"]),
            comments=tuple(told["result"].get("comments", ())),
        )

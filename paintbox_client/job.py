"""A job on the server: watched, waited for, steered, and its pictures fetched."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from paintbox_client.connection import Server, segment
from paintbox_client.errors import NoServerError, PaintboxError
from paintbox_client.values import JobFacts, Picture, Progress

JOBS = "/paintbox/v1/jobs"
MOST_BROKEN_LINES = 5


class Job:
    """``facts`` are those of the last look; every method that asks the server renews them."""

    def __init__(self, server: Server, facts: JobFacts) -> None:
        self._server = server
        self.facts = facts

    @property
    def id(self) -> str:
        """Its id, by which other programs find it too."""
        return self.facts.id

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """The pictures finished so far."""
        return self.facts.pictures

    def look(self) -> JobFacts:
        """Everything known of the job now."""
        self.facts = JobFacts.of(self._server.json("GET", self._path()))
        return self.facts

    def events(self) -> Iterator[Mapping[str, Any]]:
        """What happens to it, as the server tells it: a snapshot first and last; ends with the job, or when the line breaks."""
        return self._server.events(self._path("/events"))

    def wait(self, on_progress: Callable[[Progress], None] = lambda progress: None) -> JobFacts:
        """The job when it has ended; raises PaintboxError with the reason when it failed or was cancelled."""
        broken = 0
        while not self.look().ended:
            try:
                for event in self.events():
                    if event["type"] == "progress":
                        on_progress(Progress.of(event))
            except NoServerError:
                broken += 1
                if broken > MOST_BROKEN_LINES:
                    raise
        if self.facts.state == "done":
            on_progress(Progress(1.0))
            return self.facts
        raise PaintboxError(self.facts.error or f"The job was {self.facts.state}.")

    def download(self, picture: Picture) -> bytes:
        """The file of one of its pictures, as it was saved."""
        return self._server.data("GET", picture.url)

    def save(self, folder: str | Path) -> list[Path]:
        """Write all of its pictures into a folder under their own names; returns the files."""
        place = Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        files: list[Path] = []
        for picture in self.pictures:
            file = place / Path(picture.file).name
            file.write_bytes(self.download(picture))
            files.append(file)
        return files

    def cancel(self) -> JobFacts:
        """End it at once."""
        self.facts = JobFacts.of(self._server.json("DELETE", self._path()))
        return self.facts

    def interrupt(self) -> JobFacts:
        """End it, and keep what was drawn."""
        return self._control("interrupt")

    def skip(self) -> JobFacts:
        """Leave out the rest of the running batch."""
        return self._control("skip")

    def move(self, position: int) -> JobFacts:
        """Put it at a position among one's own waiting jobs, 0 the next one."""
        self.facts = JobFacts.of(self._server.json("PATCH", self._path(), {"position": position}))
        return self.facts

    def _control(self, action: str) -> JobFacts:
        self.facts = JobFacts.of(self._server.json("POST", self._path("/control"), {"action": action, "force": True}))
        return self.facts

    def _path(self, rest: str = "") -> str:
        return f"{JOBS}/{segment(self.facts.id)}{rest}"

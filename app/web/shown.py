"""Which pictures a gallery shows: pictures of one job, or of several where one was drawn again; the page keeps it as text."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import TypeAdapter, ValidationError

from app.values.base import Value
from app.values.job import Job, SavedImage


class Shown(Value):
    """Picture ``number`` of the job ``job``."""

    job: str
    number: int


class Replacement(Value):
    """A job that draws the picture at ``place`` of those ``shown`` again; ``beside``: it is shown behind that one, not in its place."""

    job: str
    shown: tuple[Shown, ...]
    place: int
    beside: bool = False

    def applied(self, drawn: Sequence[Shown]) -> tuple[tuple[Shown, ...], int]:
        """What the gallery shows with the new pictures, and the place of the first of them."""
        begin = self.place + self.beside
        return (*self.shown[:begin], *drawn, *self.shown[self.place + 1 :]), begin


_LIST = TypeAdapter(tuple[Shown, ...])
NOTHING: tuple[Shown, ...] = ()


def ordered_images(job: Job) -> Sequence[tuple[int, SavedImage]]:
    """The job's pictures with their numbers as the gallery shows them: grids first."""
    return sorted(enumerate(job.result.images), key=lambda entry: entry[1].kind != "grid")


def shown_of(job: Job) -> tuple[Shown, ...]:
    """All pictures of a job."""
    return tuple(Shown(job=job.id, number=number) for number, _ in ordered_images(job))


def write_shown(shown: Sequence[Shown]) -> str:
    """The text that the page keeps."""
    return _LIST.dump_json(tuple(shown)).decode()


def read_shown(text: str) -> tuple[Shown, ...]:
    """What a text of ``write_shown`` says; nothing for others."""
    try:
        return _LIST.validate_json(text)
    except ValidationError:
        return NOTHING


def read_replacement(text: str, job: Job) -> Replacement | None:
    """The replacement that ``job`` was started for; None for other jobs and texts."""
    try:
        found = Replacement.model_validate_json(text)
    except ValidationError:
        return None
    return found if found.job == job.id and 0 <= found.place < len(found.shown) else None

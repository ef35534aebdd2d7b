"""Remembers on disk which cells of a script's job are drawn, so that the job can be taken up again."""

from __future__ import annotations

import hashlib
import json
import logging
from collections import Counter
from pathlib import Path

from pydantic import ValidationError

from app.contracts import CellResult, Jobs
from app.errors import NotFoundError, UserError
from app.values.base import Value
from app.values.request import GenerationRequest, RandomSeed

logger = logging.getLogger(__name__)


class _Head(Value):
    """The first line: whose job it is."""

    owner: str


class _Line(Value):
    """A further line: a cell that was drawn."""

    key: str
    result: CellResult


class CellRecord:
    """The drawn cells of one job: a file of JSON lines that grows by one with each of them. A full disk loses only the record."""

    def __init__(self, folder: Path, job_id: str, owner: str) -> None:
        self._folder = folder
        self._path = record_file(folder, job_id)
        self._owner = owner
        self._results = cells_of(self._path, owner)
        self._write_error = ""

    @property
    def count(self) -> int:
        """How many cells are known."""
        return len(self._results)

    def take_over(self, job_id: str) -> None:
        """Make the record of an earlier job of the same owner this job's own: nobody else can take it over then.

        Raises UserError where there is none any more. A job that is begun for the second time has it already.
        """
        earlier = record_file(self._folder, job_id)
        if self._path.is_file():
            return
        if not is_record(earlier, self._owner):
            raise UserError(
                "Nothing is kept any more of the job that was to be resumed.",
                hint="Another job has taken it up, or has come to its end. Generate again what is missing.",
                status=409,
            )
        earlier.replace(self._path)
        self._results = cells_of(self._path, self._owner)

    def find(self, key: str) -> CellResult | None:
        """What became of the cell of this key; None when it was not drawn."""
        return self._results.get(key)

    def add(self, key: str, result: CellResult) -> None:
        """A cell was drawn."""
        self._results[key] = result
        try:
            self._append(_Line(key=key, result=result).model_dump_json())
        except OSError as error:
            if not self._write_error:
                logger.warning("What this job has drawn cannot be remembered in %s: %s", self._path, error)
            self._write_error = str(error)

    def delete(self) -> None:
        """Nothing is left to be done."""
        self._path.unlink(missing_ok=True)

    def _append(self, line: str) -> None:
        is_new = not self._path.exists()
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            if is_new:
                file.write(_Head(owner=self._owner).model_dump_json() + "\n")
            file.write(line + "\n")


class CellKeys:
    """Names cells by their requests; of those with a random seed no two are alike."""

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()

    def of(self, request: GenerationRequest) -> str:
        """The key of the next cell."""
        text = json.dumps(request.model_dump(mode="json"), sort_keys=True)
        digest = hashlib.sha256(text.encode()).hexdigest()
        self._seen[digest] += 1
        is_random = request.seed == RandomSeed or (request.subseed_strength > 0 and request.subseed == RandomSeed)
        return f"{digest}-{self._seen[digest]}" if is_random else digest


def record_file(folder: Path, job_id: str) -> Path:
    """Where the record of a job lies."""
    return folder / f"{job_id}.jsonl"


def is_record(path: Path, owner: str) -> bool:
    """Whether that is a record of this owner."""
    return _lines_of(path, owner) is not None


def cells_of(path: Path, owner: str) -> dict[str, CellResult]:
    """The cells of a record of this owner by their keys, as far as their pictures are still there; none where there is no such record."""
    lines = map(_read_line, _lines_of(path, owner) or ())
    known = {line.key: line.result for line in lines if line is not None}
    return {key: result for key, result in known.items() if all(Path(image.path).is_file() for image in result.images)}


def _lines_of(path: Path, owner: str) -> list[str] | None:
    try:
        head, *lines = path.read_text(encoding="utf-8").splitlines()
        return lines if _Head.model_validate_json(head).owner == owner else None
    except (OSError, ValueError):
        return None


def _read_line(text: str) -> _Line | None:
    """None for a line that was cut off by a crash."""
    try:
        return _Line.model_validate_json(text)
    except ValidationError:
        return None


def sweep_records(folder: Path, jobs: Jobs) -> None:
    """Delete the records of jobs that are not known any more."""
    for path in folder.glob("*.jsonl"):
        try:
            jobs.get(path.stem)
        except NotFoundError:
            path.unlink(missing_ok=True)

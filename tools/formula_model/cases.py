"""Recorded requests of the reference's server with the pictures that it returned: read, sent, and compared pixel by pixel."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tools.formula_model.companions import COMPANIONS, SHA256, digest

Send = Callable[[str, Mapping[str, Any]], Mapping[str, Any]]
"""(path, body) -> the JSON answer."""
STYLES = "styles"
"""What a case needs that is not a file of weights."""
HYPERNETWORK = "hypernetwork"
"""Cases that need one were recorded without it: the reference's own check of zip archives lets no entry pass that it does not know, so it
refused the file, which PyTorch 2.13 had written with ``.format_version`` in it, and went on without a word in the answer. Their pictures
are those of the prompt without the tag, pixel by pixel, and that is what is sent here; what a hypernetwork does is tested elsewhere."""
_HYPERNETWORK_TAG = re.compile(r"<hypernet:[^>]*>")


@dataclass(frozen=True)
class Case:
    """One request; ``mean`` and ``maximum``: differences allowed, in levels of 255; ``needs``: files beside the checkpoint."""

    id: str
    group: str
    needs: tuple[str, ...]
    endpoint: str
    request: Mapping[str, Any]
    pictures: tuple[Path, ...]
    mean: float
    maximum: float


@dataclass(frozen=True)
class Difference:
    """Absolute differences of pixels, 0 to 255: the worst picture's mean and maximum."""

    mean: float
    maximum: float

    def is_within(self, case: Case) -> bool:
        """True when the case allows as much."""
        return self.mean <= case.mean and self.maximum <= case.maximum


def read_cases(folder: Path) -> list[Case]:
    """The cases of a folder with a ``cases.json``; none when it has none."""
    file = folder / "cases.json"
    if not file.is_file():
        return []
    document = json.loads(file.read_text(encoding="utf-8"))
    return [_case(entry, entry.get("tolerance") or document["tolerance"], folder) for entry in document["cases"]]


def prepare(folder: Path, data: Path, cases: Sequence[Case]) -> None:
    """Put styles and files that the cases use into a data folder.

    Raises KeyError for a need that nobody knows, ValueError when a file is not the recorded one.
    """
    document = json.loads((folder / "cases.json").read_text(encoding="utf-8"))
    with (data / "styles.csv").open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["name", "prompt", "negative_prompt"])
        writer.writerows([name, texts["prompt"], texts["negative_prompt"]] for name, texts in document["styles"].items())
    for need in sorted({need for case in cases for need in case.needs} - {STYLES}):
        place, write = COMPANIONS[need]
        (data / place).mkdir(parents=True, exist_ok=True)
        path = write(data / place)
        if digest(path) != SHA256.get(path.name, digest(path)):
            raise ValueError(f"{path.name} is not the recorded file.")


def difference(case: Case, send: Send) -> Difference:
    """Send the request and compare; raises ValueError for another number or size of pictures."""
    answer = send(case.endpoint, case.request)
    found = [_picture(io.BytesIO(base64.b64decode(data))) for data in answer["images"]]
    wanted = [_picture(path) for path in case.pictures]
    if [picture.shape for picture in found] != [picture.shape for picture in wanted]:
        raise ValueError(f"{case.id}: {_sizes(found)} came, {_sizes(wanted)} should")
    apart = [np.abs(one - other) for one, other in zip(found, wanted, strict=True)]
    return Difference(max(float(each.mean()) for each in apart), max(float(each.max()) for each in apart))


def _case(entry: Mapping[str, Any], tolerance: Mapping[str, float], folder: Path) -> Case:
    return Case(
        id=entry["id"],
        group=entry["group"],
        needs=tuple(need for need in entry["needs"] if need != HYPERNETWORK),
        endpoint=entry["endpoint"],
        request={key: _filled(value, folder) for key, value in _as_recorded(entry).items()},
        pictures=tuple(folder / name for name in entry["images"]),
        mean=tolerance["mean"],
        maximum=tolerance["max"],
    )


def _as_recorded(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """The request as the reference understood it."""
    request: Mapping[str, Any] = entry["request"]
    if HYPERNETWORK not in entry["needs"]:
        return request
    return {**request, "prompt": _HYPERNETWORK_TAG.sub("", request["prompt"])}


def _filled(value: Any, folder: Path) -> Any:
    """A text "@name" stands for the file of that name, as base64."""
    if isinstance(value, str) and value.startswith("@"):
        return base64.b64encode((folder / value[1:]).read_bytes()).decode()
    return [_filled(item, folder) for item in value] if isinstance(value, list) else value


def _picture(source: Path | io.BytesIO) -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.asarray(Image.open(source).convert("RGB")).astype(np.int64)


def _sizes(pictures: Sequence[np.ndarray[Any, Any]]) -> str:
    return ", ".join(f"{picture.shape[1]}x{picture.shape[0]}" for picture in pictures) or "none"

"""The page beside a grid for people whose browser is on another machine: its pictures get addresses of this server."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import unquote, urlparse
from urllib.request import url2pathname

from app.api import Job, Json, NotFoundError
from extensions.xyz_plot.explore import as_script

PICTURES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".avif"})
SCRIPT = "xyz_plot"
_DATA = re.compile(r"(?m)^const data = (\{.*\});$")


def served_page(job: Job) -> str:
    """The page of a plot's job; raises NotFoundError where there is none."""
    page, data = _read(_page_of(job))
    for number, cell in enumerate(_cells(data)):
        if "src" in cell:
            cell["src"] = f"{job.id}/{number}"
    return _DATA.sub(lambda match: f"const data = {as_script(data)};", page, count=1)


def picture_of(job: Job, number: int) -> Path:
    """The file of the picture of cell ``number`` of that page; raises NotFoundError."""
    page = _page_of(job)
    cells = _cells(_read(page)[1])
    source = cells[number].get("src") if 0 <= number < len(cells) else None
    if isinstance(source, str):
        path = Path(url2pathname(urlparse(source).path)) if source.startswith("file:") else page.parent / unquote(source)
        if path.suffix.lower() in PICTURES and path.is_file():
            return path.resolve()
    raise NotFoundError(f"The plot has no picture {number}, or it is not there any more.")


def _page_of(job: Job) -> Path:
    grid = next((image for image in job.result.images if image.kind == "grid"), None)
    page = Path(grid.path).with_suffix(".html") if grid is not None and job.request.get("script") == SCRIPT else None
    if page is None or not page.is_file():
        raise NotFoundError("There is no page to explore this job.", hint="Plots have one whose grid was saved.")
    return page


def _read(page: Path) -> tuple[str, dict[str, Json]]:
    text = page.read_text(encoding="utf-8")
    found = _DATA.search(text)
    if found is None:
        raise NotFoundError(f"{page.name} is not the page of a plot.")
    data: dict[str, Json] = json.loads(found[1])
    return text, data


def _cells(data: dict[str, Json]) -> list[dict[str, Json]]:
    cells = data.get("cells")
    return [cell for cell in cells if isinstance(cell, dict)] if isinstance(cells, list) else []

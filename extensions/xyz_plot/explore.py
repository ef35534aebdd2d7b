"""The page beside a grid: its pictures by relative path, to be zoomed and looked at one by one. It needs nothing but a browser."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from app.api import CellResult, Json, page_language

if TYPE_CHECKING:
    from extensions.xyz_plot.plot import Place, Plot

TEMPLATE = Path(__file__).parent / "explore.html"
TEXTS = (
    "Size",
    "Show",
    "← Previous",
    "Next →",
    "Close",
    "{} cells",
    "1 cell",
    "{} cells, {} failed",
    "Not drawn",
    "Picture",
    "Everything",
)
"""What the page says: it has the translations of these in it, because it is read without this server, too."""
TITLE, DATA = "<!--title-->", "/*data*/null"


def explore_page(plot: Plot, results: Mapping[Place, CellResult], grid: Path) -> str:
    """The page of a grid that lies at ``grid``."""
    axes: list[Json] = [
        {"title": plotted.axis.title if plotted.is_there else "", "labels": list[Json](plotted.labels)}
        for plotted in (plot.x, plot.y, plot.z)
    ]
    cells: list[Json] = [_cell(place, result, grid) for place, result in sorted(results.items(), key=lambda item: item[0][::-1])]
    language = page_language(plot.task.host)
    words: dict[str, Json] = {text: language.texts[text] for text in TEXTS if text in language.texts}
    data: dict[str, Json] = {"prompt": plot.task.request.prompt, "axes": axes, "cells": cells}
    data |= {"language": language.name.replace("_", "-"), "words": words} if words else {}
    page = TEMPLATE.read_text(encoding="utf-8")
    return page.replace(TITLE, escape(grid.name)).replace(DATA, as_script(data))


def as_script(data: Json) -> str:
    """JSON that can stand in a script element, whatever its texts say."""
    text = json.dumps(data, ensure_ascii=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def relative_address(path: str, folder: Path) -> str:
    """How a page in ``folder`` names the file."""
    try:
        return quote(Path(os.path.relpath(path, folder)).as_posix())
    except ValueError:  # another drive
        return Path(path).as_uri()


def _cell(place: Place, result: CellResult, grid: Path) -> Json:
    image = result.images[0] if result.images else None
    told: dict[str, Json] = {"place": list[Json](place), "error": result.error}
    if image is not None:
        size: list[Json] = [image.width_px, image.height_px]
        told |= {"src": relative_address(image.path, grid.parent), "infotext": image.infotext, "size": size}
    return told

"""What the pages of docs/ that people write say of the tree is true: every room has its row, and what is linked is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.paths import CHECKOUT

ROOMS = (CHECKOUT / "docs" / "architecture.md").read_text(encoding="utf-8").partition("\n## Rooms\n")[2].partition("\n## ")[0]
NAMED = set(re.findall(r"`([\w./<>*-]+)`", "".join(row.split("|")[1] for row in ROOMS.splitlines() if row.startswith("| `"))))
PAGES = [CHECKOUT / "README.md", *sorted((CHECKOUT / "docs").glob("*.md"))]
CODE = re.compile(r"^```.*?^```$|`[^`\n]+`(?!\])", re.MULTILINE | re.DOTALL)


def _code_below(folder: Path) -> list[Path]:
    files = [file for file in folder.glob("*.py") if file.name != "__init__.py" and not file.name.startswith("settings")]
    return [*files, *(each for each in folder.iterdir() if each.is_dir() and any(each.glob("*.py")))]


@pytest.mark.parametrize("place", sorted(_code_below(CHECKOUT / "app")), ids=lambda place: place.name)
def test_every_room_of_the_host_has_a_row(place: Path) -> None:
    name = f"app/{place.name}{'/' if place.is_dir() else ''}"
    assert name in NAMED or place.name in NAMED, f"docs/architecture.md, Rooms: {name}"


def test_the_rooms_beside_the_host_have_rows() -> None:
    for name in ("webui.py", "bootstrap/", "paintbox_client/", "benchmarks/", "extensions/<id>/"):
        assert name in NAMED, name


def test_every_room_that_is_named_is_there() -> None:
    plain = [name for name in NAMED if not re.search(r"[<>*]", name)]
    assert [name for name in plain if not any((CHECKOUT / place / name).exists() for place in ("", "app", "app/web"))] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    dead = []
    words = CODE.sub("", page.read_text(encoding="utf-8"))
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)", words):
        file = (page.parent / target).resolve() if target else page
        if not file.exists() or (anchor and file.suffix == ".md" and anchor not in _anchors(file)):
            dead.append(f"{target}#{anchor}")
    assert dead == []


def _anchors(page: Path) -> set[str]:
    """What GitHub makes of the headings."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}

"""Where on the page something goes, without saying how it is drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class PageSlot(StrEnum):
    """Places where an extension may add a panel."""

    QUICKSETTINGS = "quicksettings"
    GENERATION = "generation"
    RESULT = "result"


@dataclass(frozen=True)
class Tab:
    """A top tab: ``id`` as in ``tab_<id>``; ``build(page)`` draws it inside an open gradio context; lower ``order`` comes first."""

    id: str
    title: str
    order: int
    build: Callable[[Any], None]


@dataclass(frozen=True)
class Panel:
    """A block in a slot; ``build(page)`` draws it inside an open gradio context."""

    id: str
    slot: PageSlot
    order: int
    build: Callable[[Any], None]


@dataclass(frozen=True)
class Asset:
    """A file of an extension's ``static`` folder that the page loads: ``kind`` is "js" or "css"; ``path`` absolute."""

    owner: str
    kind: str
    path: str

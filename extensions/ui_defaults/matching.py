"""Finds the control that a line of the file means: by tab and label as A1111 writes them, whoever draws it here."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from extensions.ui_defaults.config_file import SCRIPT

if TYPE_CHECKING:
    from app.api import PageControl
    from extensions.ui_defaults.config_file import Entry


def key_of(control: PageControl, field: str) -> str:
    """The line of a control's field as it is written: the script is the extension that drew the control on another one's tab."""
    script = "" if control.owner == control.drawn_by else f"{SCRIPT}{control.owner}/"
    return f"{script}{control.tab}/{control.label}/{field}"


class Matcher:
    """The controls by tab and label; upper case, spaces and a colon at the end make no difference."""

    def __init__(self, controls: Iterable[PageControl]) -> None:
        self._known: dict[tuple[str, str], list[PageControl]] = {}
        for control in controls:
            self._known.setdefault((control.tab, _plain(control.label)), []).append(control)

    def find(self, entry: Entry) -> list[PageControl]:
        """The controls that a line means: with a script those of that extension, else those of the tab itself, else all of that name."""
        named = self._known.get((entry.tab, _plain(entry.label)), [])
        if entry.script:
            meant = [control for control in named if control.owner == entry.script]
        else:
            meant = [control for control in named if control.owner == control.drawn_by]
        return meant or named


def _plain(label: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", label)).strip().rstrip(":").casefold()

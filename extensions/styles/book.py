"""The styles of a running host: changed one at a time, and offered to those who read pasted prompts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING

from app.api import StashKey
from extensions.a1111_infotext.api import STYLE_EXTRACTOR
from extensions.styles.api import extract_styles, installed_styles, style_patterns
from extensions.styles.editing import delete_style, save_style
from extensions.styles.text import Style

if TYPE_CHECKING:
    from app.api import Host

EDITING = StashKey[Lock]("styles: one change at a time")


@contextmanager
def open_book(host: Host) -> Iterator[None]:
    """While it is open, styles can be changed and are found in pasted prompts."""
    host.stash[EDITING] = Lock()
    host.stash[STYLE_EXTRACTOR] = lambda prompt, negative: extract_styles(installed_styles(host), prompt, negative)
    try:
        yield
    finally:
        del host.stash[EDITING]
        del host.stash[STYLE_EXTRACTOR]


def save(style: Style, host: Host) -> Style:
    """Write a style; see ``save_style``."""
    with host.stash[EDITING]:
        return save_style(host.paths.data, style_patterns(host), style)


def delete(name: str, host: Host) -> Style:
    """Delete a style; see ``delete_style``."""
    with host.stash[EDITING]:
        return delete_style(host.paths.data, style_patterns(host), name)

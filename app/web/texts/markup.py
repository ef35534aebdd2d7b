"""Finds the texts in a piece of HTML that a user reads: words between tags, and those in tooltips and the like."""

from __future__ import annotations

from html.parser import HTMLParser

READ_ATTRIBUTES = ("title", "aria-label", "placeholder", "alt")
SILENT = frozenset({"script", "style", "code", "pre", "template"})
FAILURE = "failure"
"""Class of the notes about what went wrong here; their sentences are found in the code."""
VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())


def markup_texts(markup: str) -> list[str]:
    """The texts in their order; what is marked with ``translate="no"`` belongs to users and is left out."""
    reader = _Texts()
    reader.feed(markup)
    reader.close()
    return reader.found


class _Texts(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._open: list[bool] = []

    @property
    def _is_silent(self) -> bool:
        return any(self._open)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins."""
        given = dict(attrs)
        is_silent = tag in SILENT or given.get("translate") == "no" or FAILURE in (given.get("class") or "").split()
        if not self._is_silent and not is_silent:
            self.found += [text for name in READ_ATTRIBUTES if (text := (given.get(name) or "").strip())]
        if tag not in VOID:
            self._open.append(is_silent)

    def handle_endtag(self, tag: str) -> None:
        """An element ends."""
        if tag not in VOID and self._open:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        """Words between tags."""
        if data.strip() and not self._is_silent:
            self.found.append(data.strip())

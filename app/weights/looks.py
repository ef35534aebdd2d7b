"""Looks at the model folders: what lies in them now, give or take a moment, without walking through them for every question."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.weights.folders import FolderPlaces
from app.weights.names import NameTable, natural_key
from app.weights.scan import FoundFile, scan_folder

RESCAN_AFTER_S = 0.5


@dataclass(frozen=True)
class Look:
    """What lay in the folders of a kind: ``files`` in natural order of their names, ``walked`` as they were met.

    ``at``: seconds of the monotonic clock; ``number``: that of the first look that found the same.
    """

    at: float
    number: int
    walked: list[FoundFile]
    files: list[FoundFile]
    names: NameTable


class FolderLooks:
    """Thread-safe; one thread walks at a time, without holding up those who are content with the last look.

    ``may_read`` is not set during a walk: a walk gives up the interpreter at every file, and would wait for a busy reader each time.
    """

    def __init__(self, places: Mapping[str, FolderPlaces]) -> None:
        self.may_read = threading.Event()
        self.may_read.set()
        self._places = places
        self._lock = threading.Lock()
        self._walking = threading.Lock()
        self._last: dict[str, Look] = {}
        self._count = 0
        self._seen: set[FoundFile] = set()
        self._listeners: list[Callable[[], None]] = []

    def listen(self, callback: Callable[[], None]) -> None:
        """Call ``callback`` whenever a look finds files that were not there before, or changed ones."""
        self._listeners.append(callback)

    def last(self, folder_kind: str) -> Look | None:
        """The last look, however old."""
        with self._lock:
            return self._last.get(folder_kind)

    def now(self, folder_kind: str) -> Look:
        """A look of this moment."""
        recent = self._recent(folder_kind)
        if recent is not None:
            return recent
        with self._walking:
            recent = self._recent(folder_kind)
            if recent is not None:
                return recent
            self.may_read.clear()
            try:
                walked = self._walk(folder_kind)
            finally:
                self.may_read.set()
            look, is_news = self._compared(folder_kind, walked)
        if is_news:
            for callback in list(self._listeners):
                callback()
        return look

    def forget(self, folder_kind: str | None = None) -> None:
        """The next look at a kind (None: at any) is a new one."""
        with self._lock:
            for kind in [folder_kind] if folder_kind else list(self._last):
                self._last.pop(kind, None)

    def _compared(self, folder_kind: str, walked: list[FoundFile]) -> tuple[Look, bool]:
        """The look that has found these files, and whether any of them is new; where all is as it was nothing is worked out again."""
        last = self.last(folder_kind)
        if last is not None and last.walked == walked:
            look, is_news = Look(time.monotonic(), last.number, walked, last.files, last.names), False
        else:
            files = sorted(walked, key=lambda file: natural_key(file.name))
            self._count += 1
            look, is_news = Look(time.monotonic(), self._count, walked, files, NameTable(files)), not self._seen.issuperset(files)
            self._seen.update(files)
        with self._lock:
            self._last[folder_kind] = look
        return look, is_news

    def _recent(self, folder_kind: str) -> Look | None:
        last = self.last(folder_kind)
        return last if last is not None and time.monotonic() - last.at < RESCAN_AFTER_S else None

    def _walk(self, folder_kind: str) -> list[FoundFile]:
        place = self._places.get(folder_kind)
        found: dict[str, FoundFile] = {}
        for root in place.roots if place else ():
            for file in scan_folder(root, place.folder.suffixes if place else ()):
                if place and not file.name.lower().endswith(place.folder.without):
                    found.setdefault(file.name, file)
        return list(found.values())

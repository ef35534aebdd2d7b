"""The names by which people mean a model file: title, path, name, stem, hash."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable

from app.weights.scan import FoundFile

HashOf = Callable[[FoundFile], str | None]
_TITLE_HASH = re.compile(r"\s*\[([0-9a-fA-F]{8,64})\]$")
_NUMBER = re.compile(r"(\d+)")
_HASH = re.compile(r"[0-9a-fA-F]{10}|[0-9a-fA-F]{64}")


def natural_key(name: str) -> list[tuple[int, int, str]]:
    """Sort key that puts "v2" before "v10", whatever the case."""
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part.lower()) for part in _NUMBER.split(name) if part]


class NameTable:
    """Finds one of ``files`` by what somebody typed; of several that share a name the first one wins."""

    def __init__(self, files: Iterable[FoundFile]) -> None:
        self._files = tuple(files)
        self._exact: dict[str, FoundFile] = {}
        self._lower: dict[str, FoundFile] = {}
        for kind_of_name in (_whole_names, _short_names):
            for file in self._files:
                for name in kind_of_name(file):
                    self._exact.setdefault(name, file)
                    self._lower.setdefault(name.lower(), file)

    def exact(self, text: str, hash_of: HashOf) -> FoundFile | None:
        """By a name as it is written, a sha256 or its first ten digits."""
        wanted, bare = text.strip(), bare_name(text)
        return self._exact.get(wanted) or self._by_hash(wanted, hash_of) or self._exact.get(bare)

    def alike(self, text: str) -> FoundFile | None:
        """By a name, whatever the case."""
        return self._lower.get(text.strip().lower()) or self._lower.get(bare_name(text).lower())

    def _by_hash(self, text: str, hash_of: HashOf) -> FoundFile | None:
        if not _HASH.fullmatch(text):
            return None
        return next((file for file in self._files if (hash_of(file) or "").startswith(text.lower())), None)


def bare_name(text: str) -> str:
    """The text without the short hash of a title."""
    return _TITLE_HASH.sub("", text.strip())


def _whole_names(file: FoundFile) -> tuple[str, ...]:
    return file.name, file.path


def _short_names(file: FoundFile) -> tuple[str, ...]:
    last = file.name.rpartition("/")[2]
    stem, suffix = os.path.splitext(last)
    return file.name.removesuffix(suffix), last, stem

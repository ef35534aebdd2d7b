"""The wildcards that there are at one moment, found by name or pattern."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from app.api import natural_key
from extensions.wildcards.files import TEXT, TREES, Trees, WildcardFileError, read_lines, read_tree

MOST_FILES = 50_000
PATTERN_SIGNS = frozenset("*?")


KnownTrees = dict[Path, tuple[tuple[int, int], Trees, str]]
"""What was read of trees before: time and size of the file, its lists, what is wrong with it."""


@dataclass(frozen=True)
class Place:
    """A folder with wildcards; ``is_trusted``: the user's own, whose links to other places are followed."""

    folder: Path
    is_trusted: bool = False


class Library:
    """Names are looked for once, texts are read when they are asked for; ``problems`` are sentences about files, as they turn up."""

    def __init__(self, places: Iterable[Place], known: KnownTrees | None = None) -> None:
        self.problems: list[str] = []
        self._known = {} if known is None else known
        self._files: dict[str, list[Path]] = {}
        self._trees: dict[str, list[tuple[str, ...]]] = {}
        self._read: dict[Path, tuple[str, ...]] = {}
        for place in places:
            for file, name in _files_in(place):
                if file.suffix.lower() in TEXT:
                    self._files.setdefault(name, []).append(file)
                else:
                    self._take_tree(file)
        self._names = sorted({*self._files, *self._trees}, key=natural_key)
        self._folded: dict[str, str] = {name.lower(): name for name in reversed(self._names)}
        self._by_last: dict[str, list[str]] = {}
        for name in self._names:
            self._by_last.setdefault(name.lower().rpartition("/")[2], []).append(name)

    def names(self) -> list[str]:
        """All names in their order, folders separated by "/"."""
        return list(self._names)

    def find(self, pattern: str) -> list[str]:
        """Names that are meant by a name or a pattern; small and capital letters are the same unless both are there.

        ``*`` stands for anything within a folder, ``**`` also for folders, ``?`` for one sign. A name without its folder will do where
        it is the only one.
        """
        wanted = pattern.strip().replace("\\", "/").strip("/").removesuffix(".txt")
        if PATTERN_SIGNS & set(wanted):
            matches = _expression(wanted).fullmatch
            return [name for name in self._names if matches(name)]
        if wanted in self._files or wanted in self._trees:
            return [wanted]
        if wanted.lower() in self._folded:
            return [self._folded[wanted.lower()]]
        found = self._by_last.get(wanted.lower(), [])
        return found if len(found) == 1 else []

    def values(self, name: str) -> tuple[str, ...]:
        """The texts of a wildcard, each once."""
        texts = [text for file in self._files.get(name, ()) for text in self._lines(file)]
        texts += [text for listed in self._trees.get(name, ()) for text in listed]
        return tuple(dict.fromkeys(texts))

    def _lines(self, file: Path) -> tuple[str, ...]:
        if file not in self._read:
            try:
                self._read[file] = read_lines(file)
            except WildcardFileError as error:
                self._read[file] = ()
                self.problems.append(f"The file of wildcards {file} cannot be used: {error}.")
        return self._read[file]

    def _take_tree(self, file: Path) -> None:
        facts = file.stat()
        stamp = (facts.st_mtime_ns, facts.st_size)
        if self._known.get(file, (None,))[0] != stamp:
            self._known[file] = (stamp, *_read(file))
        _, trees, problem = self._known[file]
        if problem:
            self.problems.append(problem)
        for name, texts in trees.items():
            self._trees.setdefault(name, []).append(texts)


def _read(file: Path) -> tuple[Trees, str]:
    """The lists of a file, and what is wrong with it."""
    try:
        return read_tree(file), ""
    except WildcardFileError as error:
        return {}, f"The file of wildcards {file} cannot be used: {error}."


def _files_in(place: Place) -> Iterator[tuple[Path, str]]:
    """Files of wildcards below a folder with the names that their paths give; hidden ones are left out."""
    root, count = place.folder, 0
    real_root, seen = os.path.realpath(root), set[str]()
    for folder, folders, files in os.walk(root, followlinks=place.is_trusted):
        real = os.path.realpath(folder)
        if real in seen:  # links that lead round in circles
            folders.clear()
            continue
        seen.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for file in sorted(files):
            path = Path(folder, file)
            if file.startswith(".") or path.suffix.lower() not in (*TEXT, *TREES):
                continue
            if not place.is_trusted and not Path(os.path.realpath(path)).is_relative_to(real_root):
                continue
            count += 1
            if count > MOST_FILES:
                return
            yield path, path.relative_to(root).with_suffix("").as_posix()


def _expression(pattern: str) -> re.Pattern[str]:
    """The regular expression of a pattern."""
    signs = {"**": ".*", "*": "[^/]*", "?": "[^/]"}
    short = re.sub(r"\*{3,}", "**", pattern)
    return re.compile("".join(signs.get(part) or re.escape(part) for part in re.findall(r"\*\*|\*|\?|[^*?]+", short)), re.IGNORECASE)

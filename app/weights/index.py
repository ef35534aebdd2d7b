"""The model index: every model file of every folder, found without opening it fully, kept current without a restart."""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from app.errors import ModelFileError, NotFoundError
from app.values.base import Json
from app.values.model import ModelHeader, ModelIdentity, ModelRecord
from app.weights.folders import FolderPlaces
from app.weights.headers import read_header
from app.weights.scan import FoundFile, scan_folder
from app.weights.store import FileKey, KnownIdentity, ModelStore

logger = logging.getLogger(__name__)
Identify = Callable[[ModelHeader], ModelIdentity | None]
RESCAN_AFTER_S = 0.5
READ_BUDGET_S = 0.8
_NUMBER = re.compile(r"(\d+)")


def natural_key(name: str) -> list[tuple[int, int, str]]:
    """Sort key that puts "v2" before "v10", whatever the case."""
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part.lower()) for part in _NUMBER.split(name) if part]


class ModelIndex:
    """Lists, finds and identifies model files; thread-safe.

    ``readers`` names the set of extensions (with versions) behind ``identify``: conclusions of another set are not reused. Headers
    that cannot be read within a listing's time budget are read by a background thread; until then the record is ``pending``.
    """

    def __init__(self, places: Mapping[str, FolderPlaces], identify: Identify, store: ModelStore, readers: str) -> None:
        self._places = dict(places)
        self._identify = identify
        self._store = store
        self._readers = readers
        self._lock = threading.RLock()
        self._scanned: dict[str, tuple[float, list[FoundFile]]] = {}
        self._known = store.identities(readers)
        self._hashes = store.hashes()
        self._reader: threading.Thread | None = None
        self._closed = False
        self._seen: set[FileKey] = set()
        self._listeners: list[Callable[[], None]] = []

    @property
    def folders(self) -> Mapping[str, FolderPlaces]:
        """Kinds of model folders with their roots."""
        return self._places

    def close(self) -> None:
        """Stop background reading and close the cache file."""
        self._closed = True
        reader = self._reader
        if reader is not None:
            reader.join()
        self._store.close()

    def records(self, folder_kind: str) -> list[ModelRecord]:
        """All files of a kind, in natural order of their names."""
        if folder_kind not in self._places:
            raise NotFoundError(f"There is no model folder of the kind {folder_kind!r}.")
        files = self._files(folder_kind)
        self._read_missing(files, time.monotonic() + READ_BUDGET_S)
        return [self._record(folder_kind, file) for file in files]

    def refresh(self, folder_kind: str | None = None) -> None:
        """Look at the disk again at the next listing, however recent the last look was."""
        with self._lock:
            for kind in [folder_kind] if folder_kind else list(self._scanned):
                self._scanned.pop(kind, None)

    def find(self, folder_kind: str, name: str) -> ModelRecord | None:
        """The record meant by a title, name (with or without suffix), stem, short hash, sha256 or path; None when there is none."""
        files = self._files(folder_kind)
        hashed = [(file, self._hashes.get(_key(file), (None, None))[0]) for file in files]
        wanted = name.strip()
        bare = re.sub(r"\s*\[[0-9a-fA-F]{8,64}\]$", "", wanted)
        for fold in (str, str.lower):
            for candidate in (wanted, bare):
                for file, sha256 in hashed:
                    if fold(candidate) in {fold(text) for text in _names(file, sha256)}:
                        self._read_missing([file], float("inf"))
                        return self._record(folder_kind, file)
        return None

    def header(self, record: ModelRecord) -> ModelHeader:
        """Read the header again; raises ModelFileError."""
        return read_header(Path(record.path))

    def listen(self, callback: Callable[[], None]) -> None:
        """Call ``callback`` whenever a look at the disk finds files that were not there before, or changed ones."""
        self._listeners.append(callback)

    def take_hashes(self) -> None:
        """Take in what another process has hashed meanwhile."""
        known = self._store.hashes()
        with self._lock:
            self._hashes.update(known)

    def unhashed(self, folder_kind: str) -> list[ModelRecord]:
        """Records of a kind whose hash is not known yet."""
        return [record for record in self.records(folder_kind) if record.sha256 is None]

    def put_hash(self, record: ModelRecord, sha256: str, autov3: str | None) -> ModelRecord:
        """Remember a file's hashes; returns the record with them."""
        key = FileKey(record.path, record.size_bytes, record.mtime_ns)
        with self._lock:
            self._hashes[key] = (sha256, autov3)
        self._store.put_hash(key, sha256, autov3)
        return record.model_copy(update={"sha256": sha256, "autov3": autov3})

    def fact(self, record: ModelRecord, name: str) -> Json | None:
        """A fact remembered of this state of the file (set by the user or found while loading)."""
        return self._store.fact(FileKey(record.path, record.size_bytes, record.mtime_ns), name)

    def put_fact(self, record: ModelRecord, name: str, value: Json) -> None:
        """Remember a fact of this state of the file."""
        self._store.put_fact(FileKey(record.path, record.size_bytes, record.mtime_ns), name, value)

    def _files(self, folder_kind: str) -> list[FoundFile]:
        with self._lock:
            scanned = self._scanned.get(folder_kind)
            if scanned is not None and time.monotonic() - scanned[0] < RESCAN_AFTER_S:
                return scanned[1]
            place = self._places.get(folder_kind)
            found: dict[str, FoundFile] = {}
            for root in place.roots if place else ():
                for file in scan_folder(root, place.folder.suffixes if place else ()):
                    found.setdefault(file.name, file)
            files = sorted(found.values(), key=lambda file: natural_key(file.name))
            self._scanned[folder_kind] = (time.monotonic(), files)
            keys = {_key(file) for file in files}
            is_news = not keys <= self._seen
            self._seen |= keys
        if is_news:
            for callback in list(self._listeners):
                callback()
        return files

    def _record(self, folder_kind: str, file: FoundFile) -> ModelRecord:
        key = _key(file)
        known = self._known.get(key)
        sha256, autov3 = self._hash(key)
        return ModelRecord(
            path=file.path,
            folder_kind=folder_kind,
            name=file.name,
            size_bytes=file.size_bytes,
            mtime_ns=file.mtime_ns,
            identity=known.identity if known else None,
            metadata=known.metadata if known else {},
            sha256=sha256,
            autov3=autov3,
            problem=known.problem if known else "",
            pending=known is None,
        )

    def _hash(self, key: FileKey) -> tuple[str | None, str | None]:
        return self._hashes.get(key, (None, None))

    def _read_missing(self, files: Iterable[FoundFile], until: float) -> None:
        """Read headers that are not known yet; those past the deadline go to the background thread."""
        fresh: list[tuple[FileKey, KnownIdentity]] = []
        left: list[FoundFile] = []
        for file in files:
            if _key(file) in self._known:
                continue
            if time.monotonic() < until:
                fresh.append((_key(file), self._read(file)))
            else:
                left.append(file)
        self._remember(fresh)
        with self._lock:
            if left and not self._closed and (self._reader is None or not self._reader.is_alive()):
                self._reader = threading.Thread(target=self._read_later, args=(left,), name="model-headers", daemon=True)
                self._reader.start()

    def _read_later(self, files: list[FoundFile]) -> None:
        for file in files:
            if self._closed:
                return
            self._remember([(_key(file), self._read(file))])

    def _remember(self, fresh: list[tuple[FileKey, KnownIdentity]]) -> None:
        if fresh:
            with self._lock:
                self._known.update(fresh)
            self._store.put_identities(self._readers, fresh)

    def _read(self, file: FoundFile) -> KnownIdentity:
        try:
            header = read_header(Path(file.path))
            identity = self._identify(header)
        except ModelFileError as error:
            return KnownIdentity(None, {}, str(error))
        if identity is None:
            return KnownIdentity(None, dict(header.metadata), f"{file.name}: no installed extension knows this kind of file.")
        return KnownIdentity(identity, dict(header.metadata), "" if identity.supported else identity.reason)


def _key(file: FoundFile) -> FileKey:
    return FileKey(file.path, file.size_bytes, file.mtime_ns)


def _names(file: FoundFile, sha256: str | None) -> set[str]:
    path = Path(file.path)
    names = {file.name, file.name[: -len(path.suffix)] if path.suffix else file.name, path.name, path.stem, file.path}
    if sha256:
        names |= {sha256, sha256[:10], f"{file.name} [{sha256[:10]}]"}
    return names

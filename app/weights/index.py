"""The model index: every model file of every folder, found without opening it fully, kept current without a restart."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from app.errors import NotFoundError
from app.values.base import Json
from app.values.model import ModelHeader, ModelIdentity, ModelRecord
from app.weights.facts import ModelFacts
from app.weights.folders import FolderPlaces
from app.weights.header_reader import HeaderReader, HereReader
from app.weights.identifying import Identify, identify_file
from app.weights.looks import FolderLooks
from app.weights.scan import FoundFile
from app.weights.store import FileKey, KnownIdentity, ModelStore

logger = logging.getLogger(__name__)
READ_BUDGET_S = 0.3
READER_DELAY_S = 1.0
"""The background thread lets the listing that found its files be answered first."""
REMEMBER_EVERY = 64


class ModelIndex:
    """Lists, finds and identifies model files; thread-safe.

    ``readers`` names the set of extensions (with versions) behind ``identify``: conclusions of another set are not reused. Headers
    that cannot be read within a listing's time budget are read by a background thread; until then the record is ``pending``.
    """

    def __init__(
        self,
        places: Mapping[str, FolderPlaces],
        identify: Identify,
        store: ModelStore,
        readers: str,
        header_reader: HeaderReader | None = None,
    ) -> None:
        self._places = dict(places)
        self._identify = identify
        self._store = store
        self._readers = readers
        self._header_reader = header_reader or HereReader()
        self._lock = threading.RLock()
        self._looks = FolderLooks(self._places)
        self._known = store.identities(readers)
        self._hashes = store.hashes()
        self._facts = ModelFacts(store)
        self._reader: threading.Thread | None = None
        self._closed = threading.Event()
        self._learned = 0
        """How often something was learned of a file."""

    @property
    def folders(self) -> Mapping[str, FolderPlaces]:
        """Kinds of model folders with their roots."""
        return self._places

    def close(self) -> None:
        """Stop background reading, end the process that reads pickles, and close the cache file."""
        self._closed.set()
        reader = self._reader
        if reader is not None:
            reader.join()
        self._header_reader.close()
        self._store.close()

    def records(self, folder_kind: str) -> list[ModelRecord]:
        """All files of a kind, in natural order of their names."""
        if folder_kind not in self._places:
            raise NotFoundError(f"There is no model folder of the kind {folder_kind!r}.")
        files = self._looks.now(folder_kind).files
        self._follow_store()
        self._read_missing(files, time.monotonic() + READ_BUDGET_S)
        return [self._record(folder_kind, file) for file in files]

    def state(self, folder_kind: str) -> tuple[int, int]:
        """Another value than before when ``records`` may give something else than then; much cheaper than asking for them."""
        number = self._looks.now(folder_kind).number
        self._follow_store()
        return number, self._learned

    def refresh(self, folder_kind: str | None = None) -> None:
        """Look at the disk again at the next listing, however recent the last look was."""
        self._looks.forget(folder_kind)

    def find(self, folder_kind: str, name: str) -> ModelRecord | None:
        """The record meant by a title, name (with or without suffix), stem, short hash, sha256 or path; None when there is none.

        A file that the last look at the disk has found and that is as it was is not looked for again.
        """
        self._follow_store()
        last = self._looks.last(folder_kind)
        file = last.names.exact(name, self._sha256) if last else None
        if file is None or not file.is_unchanged:
            names = self._looks.now(folder_kind).names
            file = names.exact(name, self._sha256) or names.alike(name)
        if file is None:
            return None
        self._read_missing([file], float("inf"))
        return self._record(folder_kind, file)

    def header(self, record: ModelRecord) -> ModelHeader:
        """Read the header again; raises ModelFileError."""
        return self._header_reader.read(Path(record.path))

    def examine(self, path: Path) -> KnownIdentity:
        """What a file outside of the folders is, as a listing would say it; never raises for what is wrong with the file."""
        return identify_file(FoundFile(str(path), path.name, 0, 0), self._header_reader, self._identify)

    def note_move(self, old: Path, new: Path) -> None:
        """A file was renamed on its disk: what is known of it (hashes, facts, decisions) goes along."""
        self._store.rename(str(old), str(new))
        with self._lock:
            self._known = {key.moved(str(old), str(new)): known for key, known in self._known.items()}
        self._looks.forget()
        self.take_hashes()

    def listen(self, callback: Callable[[], None]) -> None:
        """Call ``callback`` whenever a look at the disk finds files that were not there before, or changed ones."""
        self._looks.listen(callback)

    def take_hashes(self) -> None:
        """Take in what another process has hashed or been told meanwhile."""
        known = self._store.hashes()
        self._facts.reload()
        with self._lock:
            self._hashes.update(known)
            self._learned += 1

    def with_known_hash(self, record: ModelRecord) -> ModelRecord:
        """The record with its hashes if this or another process has computed them."""
        key = FileKey(record.path, record.size_bytes, record.mtime_ns)
        known = self._hashes.get(key) or self._store.hash_of(key)
        if known is None:
            return record
        with self._lock:
            self._hashes[key] = known
        return record.model_copy(update={"sha256": known[0], "autov3": known[1]})

    def unhashed(self, folder_kind: str) -> list[ModelRecord]:
        """Records of a kind whose hash is not known yet."""
        return [record for record in self.records(folder_kind) if record.sha256 is None]

    def put_hash(self, record: ModelRecord, sha256: str, autov3: str | None) -> ModelRecord:
        """Remember a file's hashes; returns the record with them."""
        key = FileKey(record.path, record.size_bytes, record.mtime_ns)
        with self._lock:
            self._hashes[key] = (sha256, autov3)
            self._learned += 1
        self._store.put_hash(key, sha256, autov3)
        return record.model_copy(update={"sha256": sha256, "autov3": autov3})

    def fact(self, record: ModelRecord, name: str) -> Json | None:
        """A fact remembered of this state of the file (set by the user or found while loading)."""
        return self._store.fact(FileKey(record.path, record.size_bytes, record.mtime_ns), name)

    def put_fact(self, record: ModelRecord, name: str, value: Json) -> None:
        """Remember a fact of this state of the file."""
        self._store.put_fact(FileKey(record.path, record.size_bytes, record.mtime_ns), name, value)
        self._learned += 1

    def chosen(self, record: ModelRecord) -> Mapping[str, Json]:
        """What the user decided about this state of the file, by the names of ModelIdentity's fields."""
        return self._facts.chosen(FileKey(record.path, record.size_bytes, record.mtime_ns))

    def found(self, record: ModelRecord) -> ModelIdentity | None:
        """What the file itself says, without the user's decisions; None while nobody has read it."""
        key = FileKey(record.path, record.size_bytes, record.mtime_ns)
        known = self._known.get(key)
        return self._facts.complete(known.identity, key, with_choice=False) if known else None

    def choose(self, record: ModelRecord, values: Mapping[str, Json]) -> None:
        """Remember the user's decisions (``prediction_type``, ``zero_terminal_snr``); None leaves it to the file again."""
        self._facts.choose(FileKey(record.path, record.size_bytes, record.mtime_ns), values)
        self._learned += 1

    def _follow_store(self) -> None:
        if self._store.changed_elsewhere():
            self.take_hashes()

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
            identity=self._facts.complete(known.identity, key) if known else None,
            metadata=known.metadata if known else {},
            sha256=sha256,
            autov3=autov3,
            problem=known.problem if known else "",
            pending=known is None,
        )

    def _sha256(self, file: FoundFile) -> str | None:
        return self._hash(_key(file))[0]

    def _hash(self, key: FileKey) -> tuple[str | None, str | None]:
        return self._hashes.get(key, (None, None))

    def _read_missing(self, files: Iterable[FoundFile], until: float) -> None:
        """Read headers that are not known yet; those past the deadline go to the background thread, all while it is at work."""
        reader = self._reader
        if reader is not None and reader.is_alive() and until != float("inf"):
            return
        fresh: list[tuple[FileKey, KnownIdentity]] = []
        left: list[FoundFile] = []
        for file in files:
            if _key(file) in self._known:
                continue
            if time.monotonic() < until:
                fresh.append((_key(file), identify_file(file, self._header_reader, self._identify)))
            else:
                left.append(file)
        self._remember(fresh)
        with self._lock:
            if left and not self._closed.is_set() and (self._reader is None or not self._reader.is_alive()):
                self._reader = threading.Thread(target=self._read_later, args=(left,), name="model-headers", daemon=True)
                self._reader.start()

    def _read_later(self, files: list[FoundFile]) -> None:
        fresh: list[tuple[FileKey, KnownIdentity]] = []
        self._closed.wait(READER_DELAY_S)
        for file in files:
            self._looks.may_read.wait()
            if self._closed.is_set():
                break
            fresh.append((_key(file), identify_file(file, self._header_reader, self._identify)))
            if len(fresh) == REMEMBER_EVERY:
                self._remember(fresh)
                fresh = []
        self._remember(fresh)

    def _remember(self, fresh: list[tuple[FileKey, KnownIdentity]]) -> None:
        if fresh:
            with self._lock:
                self._known.update(fresh)
                self._learned += 1
            self._store.put_identities(self._readers, [(key, known) for key, known in fresh if known.is_final])


def _key(file: FoundFile) -> FileKey:
    return FileKey(file.path, file.size_bytes, file.mtime_ns)

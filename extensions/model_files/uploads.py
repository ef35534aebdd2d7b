"""Files that arrive from a browser in pieces: kept on disk, so that a reload of the page or a restart loses nothing."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field, ValidationError

from app.api import ModelFileError, NotFoundError, RunningHashes, UserError, Value, write_atomically

from .moving import disk_error
from .names import clean_name, suffix_of
from .params import SHA256
from .places import check_room
from .recognising import SAFETENSORS, Recognised, recognise, recognise_start

if TYPE_CHECKING:
    from app.api import Host

STATE = ".upload.json"
"""Hidden, as no model file's name can be."""
LONGEST_AGE_S = 7 * 24 * 3600.0
"""What nobody has sent anything for so long is deleted."""
MOST_WAITING = 50
LARGEST_FILE_BYTES = 1 << 42
_ID = re.compile(r"[0-9a-f]{32}")


class NewUpload(Value):
    """A file that will be sent; ``mark`` is what the client knows it again by (name, size and date), ``sha256`` what it must hash to."""

    name: str = Field(min_length=1, max_length=1000)
    size_bytes: int = Field(ge=1, le=LARGEST_FILE_BYTES)
    mark: str = Field("", max_length=2000)
    sha256: str = Field("", pattern=SHA256)


class Upload(Value):
    """How far an upload is; ``name`` as it may be called here; ``recognised``: what it is, as soon as its header has arrived."""

    id: str
    name: str
    size_bytes: int
    received_bytes: int = 0
    mark: str = ""
    created: float
    recognised: Recognised | None = None
    sha256: str = ""


class _State(Value):
    """What is on disk beside the data."""

    owner: str
    name: str
    size_bytes: int
    mark: str
    sha256: str
    created: float


@dataclass
class _Open:
    """What is only in memory, and can be worked out again."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    hashes: RunningHashes | None = None
    recognised: Recognised | None = None


class UploadStore:
    """One folder for each upload; thread-safe. How much has arrived is the size of the file, so nothing else can be wrong about it."""

    def __init__(self, folder: Path, host: Host) -> None:
        self._folder = folder
        self._host = host
        self._lock = threading.Lock()
        self._open: dict[str, _Open] = {}

    def begin(self, new: NewUpload, owner: str) -> Upload:
        """Make room for a file; raises UserError: 507 for a full disk, 503 for too many that wait."""
        self.sweep()
        name = clean_name(new.name)
        if not any(suffix_of(name, place.folder) for place in self._host.models.folders.values()):
            raise UserError(f"{name} is called like no model file.", hint="Its suffix says how it is read.", field="name")
        waiting = {path: self._read(path) for path in self._folders()}
        if len(waiting) >= MOST_WAITING:
            raise UserError(f"{MOST_WAITING} uploads wait to be finished already.", hint="Finish or discard some.", status=503)
        missing = sum(state.size_bytes - self._size(path, state) for path, state in waiting.items() if state)
        check_room(self._folder, missing + new.size_bytes)
        upload_id = secrets.token_hex(16)
        state = _State(
            owner=owner,
            name=name,
            size_bytes=new.size_bytes,
            mark=new.mark,
            sha256=new.sha256.lower(),
            created=time.time(),
        )
        place = self._folder / upload_id
        try:
            place.mkdir(parents=True)
            (place / state.name).touch()
            write_atomically(place / STATE, state.model_dump_json().encode())
        except OSError as error:
            raise disk_error(state.name, error) from error
        return self._told(upload_id, state)

    def of_owner(self, owner: str) -> list[Upload]:
        """The owner's uploads, the oldest first."""
        found = [(path.name, state) for path in self._folders() if (state := self._read(path)) is not None and state.owner == owner]
        return [self._told(upload_id, state) for upload_id, state in sorted(found, key=lambda pair: pair[1].created)]

    def get(self, upload_id: str, owner: str) -> Upload:
        """One upload; raises NotFoundError. What a complete file is, is found out again if a restart has forgotten it."""
        state = self._state(upload_id, owner)
        told = self._told(upload_id, state)
        if told.recognised is None and told.received_bytes == told.size_bytes:
            with self._hold(upload_id) as known:
                self._look(self._folder / upload_id / state.name, state, known)
        return self._told(upload_id, state)

    def append(self, upload_id: str, owner: str, offset: int, data: bytes) -> Upload:
        """Take what comes next. Raises UserError: 409 when ``offset`` is not how much has arrived, and for files that are refused.

        Of a refused file nothing is kept.
        """
        state = self._state(upload_id, owner)
        path = self._folder / upload_id / state.name
        with self._hold(upload_id) as known:
            received = self._size(path.parent, state)
            if offset != received:
                raise UserError(f"{received} bytes have arrived; go on there, not at {offset}.", field="offset", status=409)
            if not data or received + len(data) > state.size_bytes:
                raise UserError(
                    f"{len(data)} bytes are no part of this file of {state.size_bytes}, of which {received} have arrived.", field="body"
                )
            try:
                with path.open("ab") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                os.utime(path.parent)
            except OSError as error:
                raise disk_error(state.name, error) from error
            self._hashes(path, received, known).update(data)
            self._look(path, state, known)
        return self._told(upload_id, state)

    @contextmanager
    def arrived(self, upload_id: str, owner: str) -> Iterator[tuple[Path, Recognised, tuple[str, str | None]]]:
        """A complete file with what it is and its hashes, for its end: when the context ends well, the upload is forgotten."""
        state = self._state(upload_id, owner)
        path = self._folder / upload_id / state.name
        with self._hold(upload_id) as known:
            if self._size(path.parent, state) != state.size_bytes:
                raise UserError(f"{state.name} has not arrived completely.", hint="Send the rest first.", field="id", status=409)
            hashes = self._hashes(path, state.size_bytes, known).result()
            self._look(path, state, known)
            if known.recognised is None:
                raise ModelFileError(f"{state.name} could not be read.")
            yield path, known.recognised, hashes
        self._forget(upload_id)

    def discard(self, upload_id: str, owner: str) -> None:
        """Forget an upload and everything of it; raises NotFoundError."""
        self._state(upload_id, owner)
        with self._hold(upload_id):
            self._forget(upload_id)

    def sweep(self) -> None:
        """Delete what has been waiting for days."""
        for path in self._folders():
            if time.time() - path.stat().st_mtime > LONGEST_AGE_S:
                self._forget(path.name)

    # --- parts ---

    def _look(self, path: Path, state: _State, known: _Open) -> None:
        """Find out what it is as soon as that can be said; raises ModelFileError, and then nothing is left of it."""
        try:
            if self._size(path.parent, state) == state.size_bytes:
                self._check_hash(state, self._hashes(path, state.size_bytes, known))
                known.recognised = recognise(path, self._host)
            elif known.recognised is None:
                known.recognised = recognise_start(path, state.size_bytes, self._host)
        except ModelFileError:
            self._forget(path.parent.name)
            raise

    def _check_hash(self, state: _State, hashes: RunningHashes) -> None:
        sha256, _ = hashes.result()
        if state.sha256 and state.sha256 != sha256:
            raise ModelFileError(f"{state.name} has the sha256 {sha256}, not {state.sha256}.", hint="It was not kept; send it again.")

    def _hashes(self, path: Path, until: int, known: _Open) -> RunningHashes:
        """The hashes of what had arrived ``until`` then; after a restart they are worked out from the file."""
        if known.hashes is None or known.hashes.position > until:
            known.hashes = RunningHashes(path.suffix.lower() == SAFETENSORS[0])
        known.hashes.catch_up(path, until)
        return known.hashes

    @contextmanager
    def _hold(self, upload_id: str) -> Iterator[_Open]:
        """Only one request at a time works on an upload; raises UserError (409) for another."""
        with self._lock:
            known = self._open.setdefault(upload_id, _Open())
        if not known.lock.acquire(blocking=False):
            raise UserError(
                "Another part of this file is just arriving.", hint="Ask how far it is, and go on there.", field="offset", status=409
            )
        try:
            yield known
        finally:
            known.lock.release()

    def _folders(self) -> list[Path]:
        return sorted(path for path in self._folder.iterdir() if _ID.fullmatch(path.name)) if self._folder.is_dir() else []

    def _state(self, upload_id: str, owner: str) -> _State:
        state = self._read(self._folder / upload_id) if _ID.fullmatch(upload_id) else None
        if state is None or state.owner != owner:
            raise NotFoundError(
                "There is no such upload.", hint="It was finished, discarded, refused, or it waited too long. Begin anew.", field="id"
            )
        return state

    def _read(self, place: Path) -> _State | None:
        try:
            return _State.model_validate_json((place / STATE).read_bytes())
        except (OSError, ValidationError):
            return None

    def _size(self, place: Path, state: _State) -> int:
        try:
            return (place / state.name).stat().st_size
        except OSError:
            return 0

    def _told(self, upload_id: str, state: _State) -> Upload:
        known = self._open.get(upload_id)
        received = self._size(self._folder / upload_id, state)
        hashes = known.hashes if known is not None and known.hashes and known.hashes.position == state.size_bytes else None
        return Upload(
            id=upload_id,
            name=state.name,
            size_bytes=state.size_bytes,
            received_bytes=received,
            mark=state.mark,
            created=state.created,
            recognised=known.recognised if known is not None else None,
            sha256=hashes.result()[0] if hashes is not None and received == state.size_bytes else "",
        )

    def _forget(self, upload_id: str) -> None:
        shutil.rmtree(self._folder / upload_id, ignore_errors=True)
        with self._lock:
            self._open.pop(upload_id, None)

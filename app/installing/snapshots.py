"""Snapshots of what is installed and set, one JSON file each in the form that A1111 has for them, with what is needed to go back."""

from __future__ import annotations

import json
import os
import re
import shutil
import time
import zipfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from app.discovery import find_extensions
from app.errors import NotFoundError, UserError
from app.files import write_atomically
from app.installing.git import Git, GitFacts
from app.installing.inspecting import digest_of, walk
from app.installing.packages import Packages
from app.manifest import MANIFEST
from app.paths import Paths
from app.settings_file import read_settings_file
from app.values.base import Json, Value
from app.version import HOST_VERSION

SECRET_WORDS = ("token", "secret", "password", "api_key", "apikey")
CONTENTS, REMOVED = "contents", "removed"
LARGEST_CONTENT = 64 * 1024 * 1024
KEPT_AUTOMATIC, KEPT_ASIDE = 50, 20
_FILE = re.compile(r"[\w .,'()+=@~-]{1,150}\.json")


class InstalledState(Value):
    """One extension at that moment; ``digest`` names its content where it is no git repository, "" when that was too large to keep."""

    name: str
    path: str = ""
    version: str = ""
    is_builtin: bool = False
    enabled: bool = True
    remote: str = ""
    branch: str = ""
    commit_hash: str = ""
    commit_date: int = 0
    have_info_from_repo: bool = True
    digest: str = ""


class Snapshot(Value):
    """``packages``: versions of those in the extensions' folder, by name, and ``package_hashes`` of the files they came from, where known.

    ``settings``: config.json without secrets; ``automatic``: taken before a change.
    """

    file: str
    name: str
    created_at: float
    host_version: str = ""
    automatic: bool = False
    extensions: dict[str, InstalledState]
    packages: dict[str, str] = {}
    package_hashes: dict[str, str] = {}
    settings: dict[str, Json] = {}


class Snapshots:
    """The snapshots of one data folder."""

    def __init__(self, paths: Paths, git: Git) -> None:
        self._paths = paths
        self._git = git
        self.folder = paths.config_states

    def current(self, packages: Mapping[str, str], *, keep_contents: bool = False) -> Snapshot:
        """How things are now; ``keep_contents`` also puts the extensions' files aside, where git does not keep them."""
        settings = read_settings_file(self._paths.config_file, set_aside=False).values
        disabled = settings.get("disabled_extensions")
        off = frozenset(disabled) if isinstance(disabled, list) else frozenset()
        found = [each for each in find_extensions(self._paths, with_packages=False) if each.folder is not None and " (" not in each.id]
        states = {each.id: self._state(each.folder, each.is_builtin, each.id not in off, keep_contents) for each in found if each.folder}
        kept = {key: value for key, value in settings.items() if not is_secret(key)}
        now = time.time()
        return Snapshot(
            file="", name="Current", created_at=now, host_version=HOST_VERSION, extensions=states, packages=dict(packages), settings=kept
        )

    def take(self, name: str, packages: Packages, *, automatic: bool = False) -> Snapshot:
        """Write down how things are now."""
        taken = self.current(packages.installed(), keep_contents=True).model_copy(update={"package_hashes": packages.hashes()})
        stamp = datetime.fromtimestamp(taken.created_at).strftime("%Y_%m_%d-%H_%M_%S")
        words = re.sub(r"[^\w .,'()+=@~-]", "_", name.strip())[:80].encode()[:120].decode("utf-8", "ignore") or "Config"
        file, number = f"{stamp}_{words}.json", 1
        while (self.folder / file).exists():
            number += 1
            file = f"{stamp}_{words}-{number}.json"
        snapshot = taken.model_copy(update={"file": file, "name": name.strip()[:80] or "Config", "automatic": automatic})
        self._write(snapshot)
        self._prune()
        return snapshot

    def list(self) -> list[Snapshot]:
        """All readable snapshots, the newest first."""
        found: list[Snapshot] = []
        for path in self.folder.glob("*.json") if self.folder.is_dir() else ():
            try:
                found.append(self._read(path))
            except UserError:
                continue
        return sorted(found, key=lambda snapshot: (snapshot.created_at, snapshot.file), reverse=True)

    def get(self, file: str) -> Snapshot:
        """The snapshot of this file name (or of this name, if only one has it); raises NotFoundError."""
        if _FILE.fullmatch(file) and (self.folder / file).is_file():
            return self._read(self.folder / file)
        named = [snapshot for snapshot in self.list() if file in (snapshot.name, snapshot.file.removesuffix(".json"))]
        if len(named) != 1:
            hint = "Several have this name: give the file's." if named else "`extensions snapshots` lists them."
            raise NotFoundError(
                f"There is no snapshot {file!r}." if not named else f"{file!r} is not one snapshot.", hint=hint, field="snapshot"
            )
        return named[0]

    def delete(self, file: str) -> None:
        """Delete a snapshot, and files that no other one needs; raises NotFoundError."""
        (self.folder / self.get(file).file).unlink(missing_ok=True)
        self._sweep()

    # --- content ---

    def unpack_content(self, digest: str, target: Path) -> bool:
        """Put the files of that content into ``target``, which must not exist; False when they were not kept."""
        archive = self.folder / CONTENTS / f"{digest}.zip"
        if not re.fullmatch("[0-9a-f]{64}", digest) or not archive.is_file():
            return False
        with zipfile.ZipFile(archive) as packed:
            target.mkdir(parents=True)
            packed.extractall(target)
        return digest_of(target) == digest

    def put_aside(self, folder: Path) -> Path:
        """Move an extension's folder out of use, where ``restore`` finds it; returns where to."""
        target = self.folder / REMOVED / f"{folder.name}__{time.time_ns()}"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(str(folder), str(target))
        return target

    def find_removed(self, state: InstalledState) -> Path | None:
        """A folder that was put aside and stands at, or holds, the commit."""
        for folder in sorted((self.folder / REMOVED).glob(f"{state.name}__*"), reverse=True):
            if state.commit_hash and (folder / ".git").exists() and self._git.has_commit(folder, state.commit_hash):
                return folder
        return None

    def _state(self, folder: Path, is_builtin: bool, enabled: bool, keep: bool) -> InstalledState:
        facts = GitFacts() if is_builtin else self._git.facts(folder)
        digest = "" if is_builtin or facts.commit else self._content(folder, keep)
        return InstalledState(
            name=folder.name,
            path=str(folder),
            version=facts.version or _version(folder),
            is_builtin=is_builtin,
            enabled=enabled,
            remote=facts.remote,
            branch=facts.branch,
            commit_hash=facts.commit,
            commit_date=facts.date,
            digest=digest,
        )

    def _content(self, folder: Path, keep: bool) -> str:
        """The digest of a folder's files, which are put aside under it; "" where they are too many or hold links."""
        try:
            files = list(walk(folder))
            if sum(path.stat().st_size for path in files) > LARGEST_CONTENT:
                return ""
            digest = digest_of(folder)
        except (UserError, OSError):
            return ""
        archive = self.folder / CONTENTS / f"{digest}.zip"
        if keep and not archive.exists():
            archive.parent.mkdir(parents=True, exist_ok=True)
            draft = archive.with_suffix(f".{os.getpid()}.part")
            with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as packed:
                for path in files:
                    packed.write(path, path.relative_to(folder).as_posix())
            draft.replace(archive)
        return digest

    # --- files ---

    def _write(self, snapshot: Snapshot) -> None:
        """A1111's keys at the top; what it does not know is under "paintbox"."""
        values = snapshot.model_dump(mode="json")
        own = {key: values[key] for key in ("host_version", "automatic", "packages", "package_hashes", "settings")}
        created = datetime.fromtimestamp(snapshot.created_at).strftime("%a %b %d %H:%M:%S %Y")
        document = {
            "name": snapshot.name,
            "filepath": str(self.folder / snapshot.file),
            "created_at": snapshot.created_at,
            "created_date": created,
            "webui": {"remote": "", "branch": "", "commit_hash": "", "commit_date": 0},
            "extensions": values["extensions"],
            "paintbox": own,
        }
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / snapshot.file
        write_atomically(path, (json.dumps(document, indent=4, ensure_ascii=False) + "\n").encode())
        path.chmod(0o600)

    def _read(self, path: Path) -> Snapshot:
        try:
            document: Any = json.loads(path.read_text(encoding="utf-8"))
            own = document.get("paintbox") or {}
            fields = InstalledState.model_fields
            extensions = {
                name: {key: value for key, value in state.items() if key in fields and value is not None}
                for name, state in document["extensions"].items()
            }
            return Snapshot.model_validate(
                {
                    "file": path.name,
                    "name": document.get("name") or path.stem,
                    "created_at": document["created_at"],
                    "extensions": {name: {"name": name, **state} for name, state in extensions.items()},
                    **own,
                }
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError, ValidationError) as error:
            raise UserError(f"The snapshot {path.name} cannot be read ({type(error).__name__}).") from error

    def _prune(self) -> None:
        """Forget the oldest of those that were taken automatically, and of the folders that were put aside."""
        old = [each for each in self.list() if each.automatic][KEPT_AUTOMATIC:]
        for snapshot in old:
            (self.folder / snapshot.file).unlink(missing_ok=True)
        if old:
            self._sweep()
        aside = sorted((self.folder / REMOVED).glob("*__*"), key=lambda folder: folder.name.rpartition("__")[2], reverse=True)
        for folder in aside[KEPT_ASIDE:]:
            shutil.rmtree(folder, ignore_errors=True)

    def _sweep(self) -> None:
        needed = {state.digest for snapshot in self.list() for state in snapshot.extensions.values()}
        for archive in (self.folder / CONTENTS).glob("*.zip"):
            if archive.stem not in needed:
                archive.unlink(missing_ok=True)


def is_secret(key: str) -> bool:
    """True for settings whose value is copied nowhere."""
    return any(word in key.lower() for word in SECRET_WORDS)


def _version(folder: Path) -> str:
    try:
        found = re.search(r'^version\s*=\s*"([^"]*)"', (folder / MANIFEST).read_text(encoding="utf-8"), re.MULTILINE)
    except (OSError, UnicodeDecodeError):
        return ""
    return found[1] if found else ""

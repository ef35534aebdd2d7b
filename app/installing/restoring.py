"""Going back to a snapshot: extensions, their packages and the settings as they were, as far as that can be had."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from app.errors import UserError
from app.installing.addresses import check_folder_name, check_git_address
from app.installing.inspecting import digest_of
from app.installing.package_files import PlannedPackage
from app.installing.snapshots import InstalledState, Snapshot, is_secret
from app.installing.store import DISABLED, SCOPE, ExtensionStore
from app.settings_file import SettingsFile, change_settings_file
from app.values.base import Json, Value
from app.version import HOST_VERSION

Scope = Literal["extensions", "webui", "both"]
UNCOMPARED = " (the snapshot does not know the file it came from, so that it was not compared)"


class Difference(Value):
    """What is another way in a snapshot than now; ``what``: an extension, a package or a setting (by its key alone)."""

    what: Literal["extension", "package", "setting"]
    name: str
    now: str
    then: str


class Restored(Value):
    """``done``: what was changed; ``problems``: what could not be had; ``backup``: the snapshot that was taken before."""

    done: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    backup: str = ""


def differences(store: ExtensionStore, snapshot: Snapshot) -> tuple[Difference, ...]:
    """In what a snapshot differs from now."""
    now = store.snapshots.current(store.packages.installed())
    found: list[Difference] = []
    for name in sorted({*now.extensions, *snapshot.extensions}):
        there, then = now.extensions.get(name), snapshot.extensions.get(name)
        if _shown(there) != _shown(then) and not (there is None and then is not None and then.is_builtin):
            found.append(Difference(what="extension", name=name, now=_shown(there), then=_shown(then)))
    for name in sorted({*now.packages, *snapshot.packages}):
        before, after = now.packages.get(name, ""), snapshot.packages.get(name, "")
        if before != after:
            found.append(Difference(what="package", name=name, now=before, then=after))
    if snapshot.host_version:
        keys = sorted({*now.settings, *snapshot.settings} - {DISABLED, SCOPE})
        changed = [key for key in keys if now.settings.get(key) != snapshot.settings.get(key)]
        found += [Difference(what="setting", name=key, now="", then="") for key in changed]
    return tuple(found)


def restore(store: ExtensionStore, file: str, scope: Scope = "both") -> Restored:
    """Go back to a snapshot: ``extensions``, ``webui`` (the settings), or both; the program itself stays as it is.

    Everything that can be had is done; what cannot is told in ``problems``. Raises NotFoundError for a snapshot that there is not.
    """
    snapshot = store.snapshots.get(file)
    with store.one_change():
        return _restored(store, snapshot, scope)


def _restored(store: ExtensionStore, snapshot: Snapshot, scope: Scope) -> Restored:
    backup = store.snapshots.take(f"before restoring {snapshot.name}", store.packages, automatic=True)
    done: list[str] = []
    problems: list[str] = []
    if scope in ("extensions", "both"):
        for state in snapshot.extensions.values():
            try:
                done += _bring_back(store, state)
            except (UserError, OSError) as error:
                problems.append(f"{state.name}: {error}")
        done += _switch(store, snapshot)
        if snapshot.host_version:
            for sentence, is_fine in _packages(store, snapshot):
                (done if is_fine else problems).append(sentence)
    if scope in ("webui", "both"):
        if snapshot.host_version and snapshot.host_version != HOST_VERSION:
            problems.append(f"The snapshot was taken with Paintbox {snapshot.host_version}; this is {HOST_VERSION}, and stays.")
        done += _settings(store, snapshot)
    return Restored(done=tuple(done), problems=tuple(problems), backup=backup.file)


def _bring_back(store: ExtensionStore, state: InstalledState) -> Iterator[str]:
    """One extension's files as they were; those that come with the program change with it only."""
    if state.is_builtin:
        return
    folder = store.paths.extensions / check_folder_name(state.name)
    if not folder.exists():
        yield from _bring_in(store, state, folder)
    elif state.commit_hash and (folder / ".git").exists():
        yield from _move(store, state, folder)
    elif state.digest and not (folder / ".git").exists() and digest_of(folder) != state.digest:
        fresh = store.paths.quarantine / f"restore-{state.digest[:16]}"
        shutil.rmtree(fresh, ignore_errors=True)
        if not store.snapshots.unpack_content(state.digest, fresh):
            raise UserError("its files as they were then were not kept.")
        store.snapshots.put_aside(folder)
        shutil.move(str(fresh), str(folder))
        yield f"{state.name}: its files are those of the snapshot."


def _move(store: ExtensionStore, state: InstalledState, folder: Path) -> Iterator[str]:
    if store.git.facts(folder).commit == state.commit_hash:
        return
    if not store.git.has_commit(folder, state.commit_hash):
        store.git.fetch(folder, check_git_address(state.remote, store.git.rules), state.branch)
    store.git.move_to(folder, state.commit_hash)
    yield f"{state.name}: back at {state.commit_hash[:8]}."


def _bring_in(store: ExtensionStore, state: InstalledState, folder: Path) -> Iterator[str]:
    """An extension whose folder is gone: from where it was put aside, from its kept files, or from where it came from."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    aside = store.snapshots.find_removed(state)
    if aside is not None:
        shutil.move(str(aside), str(folder))
        yield from _move(store, state, folder)
    elif state.digest and store.snapshots.unpack_content(state.digest, folder):
        pass
    elif state.commit_hash and state.remote:
        store.git.clone(check_git_address(state.remote, store.git.rules), state.branch, folder)
        with suppress(UserError):
            store.git.fetch(folder, state.remote, state.commit_hash)
        store.git.move_to(folder, state.commit_hash)
    else:
        raise UserError("its folder is gone, and its files were not kept.")
    yield f"{state.name}: it is there again."


def _switch(store: ExtensionStore, snapshot: Snapshot) -> Iterator[str]:
    """Enabled and disabled as then; what came later is disabled, its folder stays."""
    off = {name for name, state in snapshot.extensions.items() if not state.enabled}
    newer = {name for name, each in store.candidates().items() if name not in snapshot.extensions and not each.is_builtin}

    def change(now: SettingsFile) -> dict[str, Json]:
        after: list[Json] = [*sorted(off | newer | (_disabled(now) - snapshot.extensions.keys()))]
        changed: dict[str, Json] = {DISABLED: after, SCOPE: snapshot.settings.get(SCOPE, "none")}
        is_so = set(after) == _disabled(now) and now.values.get(SCOPE, "none") == changed[SCOPE]
        return now.values if is_so else {**now.values, **changed}

    before = _disabled(change_settings_file(store.paths.config_file, change, set_aside=True))
    after = off | newer | (before - snapshot.extensions.keys())
    for name in sorted(after - before):
        yield f"{name}: disabled{', because it was not there then' if name in newer else ''}."
    for name in sorted(before - after):
        yield f"{name}: enabled."


def _disabled(settings: SettingsFile) -> frozenset[str]:
    listed = settings.values.get(DISABLED)
    return frozenset(str(name) for name in listed) if isinstance(listed, list) else frozenset()


def _packages(store: ExtensionStore, snapshot: Snapshot) -> Iterator[tuple[str, bool]]:
    packages = store.packages
    now = packages.installed()
    gone = [name for name in now if name not in snapshot.packages]
    if gone:
        packages.remove(gone)
        yield f"Packages removed: {', '.join(gone)}.", True
    for name, version in snapshot.packages.items():
        if now.get(name) == version:
            continue
        sha256 = snapshot.package_hashes.get(name, "")
        try:
            packages.install([PlannedPackage(name=name, version=version, sha256=sha256)])
        except ValidationError:
            yield f"{name[:100]!r} {version[:100]!r} is not the name and version of a package.", False
        except UserError as error:
            yield str(error), False
        else:
            yield f"Package installed: {name} {version}{'' if sha256 else UNCOMPARED}.", True


def _settings(store: ExtensionStore, snapshot: Snapshot) -> Iterator[str]:
    """The settings of then; secrets, and what says which extensions are used, stay as they are."""
    if not snapshot.host_version:
        return
    changed: list[str] = []

    def change(now: SettingsFile) -> dict[str, Json]:
        kept = {key: value for key, value in now.values.items() if is_secret(key) or key in (DISABLED, SCOPE)}
        wanted = {**{key: value for key, value in snapshot.settings.items() if key not in (DISABLED, SCOPE)}, **kept}
        changed.extend(sorted(key for key in {*now.values, *wanted} if now.values.get(key) != wanted.get(key)))
        return wanted

    change_settings_file(store.paths.config_file, change, set_aside=True)
    if changed:
        yield f"Settings changed: {', '.join(changed)}."


def _shown(state: InstalledState | None) -> str:
    if state is None:
        return ""
    version = state.commit_hash[:8] or state.digest[:8] or state.version
    return f"{'' if state.is_builtin else version}{'' if state.enabled else ' disabled'}".strip() or "enabled"

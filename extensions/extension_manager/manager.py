"""What the tab does, on the running host: changes go through the store, and the host is brought to them at once where that can be."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from app.api import ExtensionState, ExtensionStore, InstallPlan, Restored, StashKey, Switch, Switched, UserError, Value, restore
from extensions.extension_manager.index import Fetch, Index, fetch_https, read_index
from extensions.extension_manager.javascript import with_consent
from extensions.extension_manager.params import ALLOWED_SCRIPTS, INDEX_VARIABLE

if TYPE_CHECKING:
    from app.api import Host

OWN_ID = "extension_manager"
Omitted = Literal["none", "extra", "all"]
NONE_AT_ALL = (
    "With the next start of Paintbox no extension is loaded, not even this tab."
    " The way back: python webui.py extensions restore, with the newest of: python webui.py extensions snapshots"
)
LOCKED_KEYS = ("disabled_extensions", "disable_all_extensions")


class Outcome(Value):
    """Sentences for the user about a change. ``reload``: the page shows it after Reload UI; ``restart``: ids that wait for a start."""

    message: str
    reload: bool = False
    restart: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


class Manager:
    """``store`` and ``fetch`` can be others in tests."""

    def __init__(self, host: Host, store: ExtensionStore | None = None, fetch: Fetch = fetch_https) -> None:
        self.host = host
        self.store = store or ExtensionStore(host.paths)
        self._switch = Switch(host)
        self._fetch = fetch

    # --- changes ---

    def apply(self, enabled: Mapping[str, bool], omitted: Omitted | None) -> Outcome:
        """Enable and disable; raises UserError when the command line or the environment decides that."""
        if enabled.get(OWN_ID) is False:
            hint = "The command line can: python webui.py extensions disable extension_manager"
            raise UserError("The Extensions tab cannot switch itself off.", hint=hint, field="enabled")
        for key in LOCKED_KEYS:
            reason = self.host.settings.lock_reason(key)
            if reason:
                raise UserError(f"Extensions cannot be enabled and disabled now: {reason}.", field="enabled", status=403)
        self.store.switch(enabled, omitted)
        return self._told(NONE_AT_ALL if omitted == "all" else "", self._switch.apply())

    def install(self, token: str, *, javascript: bool = False) -> Outcome:
        """Carry a plan out, and use what it brought."""
        plan = self.store.carry_out(token)
        switched = self._switch.apply(again=(plan.name,))
        if javascript and plan.is_foreign:
            self.allow_javascript(plan.name, allowed=True)
        report = next((each for each in self.host.extensions if each.id == plan.name), None)
        problems = (report.error,) if report is not None and report.error and plan.name not in switched.waiting else ()
        outcome = self._told(_installed(plan), switched)
        return outcome.model_copy(update={"reload": True, "problems": problems})

    def remove(self, name: str) -> Outcome:
        """Take an extension out."""
        self.store.remove(name)
        return self._told(f"{name} was taken out. A restore brings it back.", self._switch.apply())

    def restore(self, file: str, scope: Literal["extensions", "webui", "both"]) -> Outcome:
        """Go back to a snapshot."""
        reason = next(filter(None, map(self.host.settings.lock_reason, LOCKED_KEYS)), "")
        if reason:
            raise UserError(f"Nothing can be restored now: {reason}.", status=403)
        before = self.store.snapshots.current(self.store.packages.installed())
        restored: Restored = restore(self.store, file, scope)
        after = self.store.snapshots.current(self.store.packages.installed())
        changed = [name for name, state in after.extensions.items() if before.extensions.get(name) != state]
        switched = self._switch.apply(again=changed)
        message = " ".join(restored.done) or "Everything is as it was then."
        return self._told(message, switched).model_copy(update={"problems": restored.problems, "reload": True})

    def reload_code(self) -> Outcome:
        """Read the files of all extensions again that did not come with Paintbox and are not switched off."""
        unread = (ExtensionState.DISABLED, ExtensionState.FOREIGN)
        own = [each.id for each in self.host.extensions if each.folder and not each.is_builtin and each.state not in unread]
        if not own:
            return Outcome(message="No extension is in use but those that come with Paintbox.")
        outcome = self._told("The code was read again.", self._switch.apply(again=own))
        failed = [f"{each.id}: {each.error}" for each in self.host.extensions.failed() if each.id in own]
        return outcome.model_copy(update={"problems": tuple(failed)})

    def allow_javascript(self, name: str, *, allowed: bool) -> Outcome:
        """Let the page run an extension's scripts as they are now, or no longer."""
        report = self.host.extensions.get(name)
        self.host.settings.set({ALLOWED_SCRIPTS: [*with_consent(report, self.host, allowed=allowed)]})
        used, unused = f"The JavaScript of {name} is used from Reload UI on.", f"The JavaScript of {name} is not used from Reload UI on."
        return Outcome(message=used if allowed else unused, reload=True)

    # --- looking ---

    def index_address(self) -> str:
        """Where the index is, unless somebody types another address."""
        return os.environ.get(INDEX_VARIABLE) or str(self.host.settings.get("extensions_index"))

    def index(self, address: str) -> Index:
        """The index, with what is installed marked."""
        from_start = os.environ.get(INDEX_VARIABLE, "")
        roots = [self.store.paths.data, *([Path(from_start).expanduser().absolute()] if from_start and "://" not in from_start else [])]
        index = read_index(address or self.index_address(), tuple(roots), self._fetch)
        folders = self.store.candidates()
        remotes = {_plain(self.store.git.facts(each.folder).remote) for each in folders.values() if each.folder and not each.is_builtin}
        entries = tuple(entry.model_copy(update={"is_installed": _plain(entry.url) in remotes}) for entry in index.entries)
        return index.model_copy(update={"entries": entries})

    async def receive(self, body: AsyncIterator[bytes]) -> Path:
        """Keep what is sent as an archive, until ``plan_archive`` takes it."""
        self.store.paths.quarantine.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix="upload-", dir=self.store.paths.quarantine))
        try:
            with (folder / "archive").open("wb") as stream:
                async for block in body:
                    stream.write(block)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return folder / "archive"

    def plan_archive(self, archive: Path, file_name: str, name: str) -> InstallPlan:
        """The plan of what was sent; the archive itself is not kept."""
        try:
            return self.store.plan_archive(archive, file_name, name)
        finally:
            shutil.rmtree(archive.parent, ignore_errors=True)

    def _told(self, message: str, switched: Switched) -> Outcome:
        sentences = [message] if message else []
        if switched.on:
            sentences.append(f"In use now: {', '.join(switched.on)}.")
        if switched.off:
            sentences.append(f"Out of use now: {', '.join(switched.off)}.")
        for reason in dict.fromkeys(switched.waiting.values()):
            names = ", ".join(name for name, why in switched.waiting.items() if why == reason)
            sentences.append(f"With the next start of Paintbox: {names} ({reason}).")
        if not sentences:
            sentences.append("Nothing has changed.")
        return Outcome(message=" ".join(sentences), reload=bool(switched.on or switched.off), restart=tuple(switched.waiting))


MANAGER = StashKey[Manager]("extension manager")


def _installed(plan: InstallPlan) -> str:
    if plan.kind == "packages":
        return f"The packages of {plan.name} are installed."
    return f"{plan.name} {plan.version} is updated." if plan.kind == "update" else f"{plan.name} {plan.version} is installed."


def _plain(url: str) -> str:
    return url.removesuffix("/").removesuffix(".git").lower()

"""Puts extensions into use and out of use while the program runs, where that can be done; else says that it takes a start."""

from __future__ import annotations

import importlib
import logging
import shutil
import sys
import threading
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

from app import hookspecs
from app.discovery import NAMESPACE, Candidate
from app.extension_report import ExtensionState
from app.host import Host
from app.installing.packages import add_package_folder
from app.installing.store import SCOPE
from app.loader import DECLARES, load_one, order_by_requires, report_of
from app.values.base import Json, Value

logger = logging.getLogger(__name__)
AT_START_ONLY = frozenset(
    {
        "authenticate",
        "identify_model",
        "register_executors",
        "register_model_families",
        "register_model_folders",
        "requires_login",
    }
)
"""Hooks whose result is used for as long as the program runs; who guards the page is never let go while it is open."""
OF_THE_PAGE_ALONE = frozenset(
    {
        "count_embeddings",
        "edit_counted_prompt",
        "register_assets",
        "register_page_scripts",
        "register_panels",
        "register_routes",
        "register_settings",
        "register_tabs",
        "register_texts",
    }
)
"""Hooks that no worker calls: an extension with no others needs no new worker."""


class Switched(Value):
    """What has been put into use (``on``) and out of use (``off``), and what waits for the next start, with the reason by id."""

    on: tuple[str, ...] = ()
    off: tuple[str, ...] = ()
    waiting: dict[str, str] = {}


class Switch:
    """Of one running host; calls from several threads wait for each other."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._lock = threading.Lock()

    def apply(self, again: Collection[str] = ()) -> Switched:
        """Bring the running program to what lies on disk and what config.json says; ``again``: those whose files have changed."""
        host = self._host
        with self._lock:
            host.settings.take_over()
            add_package_folder(host.paths.extension_packages)
            importlib.invalidate_caches()
            found = {each.id: each for each in host.search.candidates()}
            selection = host.search.selection(self._settings())
            wanted = {name: each for name, each in found.items() if not selection.reason_against(each)}
            going = {report.id for report in host.extensions if report.folder is not None and report.id not in wanted} | set(again)
            loaded = {report.id for report in host.extensions if host.extensions.is_active(report.id)}
            for name in again:
                if name in found and (folder := found[name].folder) is not None:
                    drop_bytecode(folder)
            off, waiting = self._unload(going & loaded, found)
            for name, each in found.items():
                if name not in wanted and name not in waiting:
                    host.extensions.put(replace(report_of(each), state=ExtensionState.DISABLED, error=selection.reason_against(each)))
            self._forget_gone(found, waiting)
            on = self._load(wanted, waiting, set(again))
            if on or off:
                self._settle(on, off)
            return Switched(on=tuple(sorted(on)), off=tuple(sorted(off - on)), waiting=waiting)

    def _settings(self) -> Mapping[str, Json]:
        """Without any extension there would be no page to come back with: that is for a start; those of the user go now."""
        settings = self._host.settings.snapshot()
        return {**settings, SCOPE: "extra"} if settings[SCOPE] == "all" else settings

    # --- out of use ---

    def _why_at_start(self, name: str, candidate: Candidate | None) -> str:
        """Why an extension that is in use cannot be let go now; "" when it can."""
        if candidate is not None and candidate.manifest is not None and candidate.manifest.restart:
            return "it says that it needs a start"
        kept = sorted(AT_START_ONLY.intersection(self._host.hooks.implemented_by(name)))
        if kept:
            return f"what it gives in {kept[0]} is used for as long as the program runs"
        return "other extensions use its hooks" if f"{NAMESPACE}.{name}.{DECLARES}" in sys.modules else ""

    def _with_dependents(self, names: set[str]) -> set[str]:
        """Those, and all in use that require them, over all steps."""
        reports = {report.id: report for report in self._host.extensions if self._host.extensions.is_active(report.id)}
        found, before = set(names), set[str]()
        while found != before:
            before = set(found)
            found |= {name for name, report in reports.items() if before.intersection(report.requires)}
        return found

    def _unload(self, going: set[str], found: Mapping[str, Candidate]) -> tuple[set[str], dict[str, str]]:
        """Let go of each with all that require it, or of none of these when one has to stay."""
        waiting: dict[str, str] = {}
        names: set[str] = set()
        for name in sorted(going):
            group = self._with_dependents({name})
            reasons = {each: why for each in sorted(group) if (why := self._why_at_start(each, found.get(each)))}
            if not reasons:
                names |= group
            elif name in reasons:
                waiting[name] = reasons[name]
            else:
                waiting[name] = f"the extension {next(iter(reasons))}, which requires it, stays until then"
        for report in reversed(list(self._host.extensions)):
            if report.id in names:
                self._host.lifespans.leave(report.id)
                self._host.hooks.unregister(report.id)
                forget_modules(report.id)
                self._host.extensions.put(replace(report, state=ExtensionState.DISABLED, error="It is not in use.", hooks=(), failures=()))
        return names, waiting

    def _forget_gone(self, found: Mapping[str, Candidate], waiting: Mapping[str, str]) -> None:
        for report in list(self._host.extensions):
            if report.folder is not None and report.id not in found and report.id not in waiting:
                self._host.extensions.drop(report.id)

    # --- into use ---

    def _load(self, wanted: Mapping[str, Candidate], waiting: dict[str, str], again: set[str]) -> set[str]:
        host = self._host
        on: set[str] = set()
        for candidate in order_by_requires(list(wanted.values())):
            if host.extensions.is_active(candidate.id) or candidate.id in waiting:
                continue
            if candidate.is_foreign:
                before = next((report.state for report in host.extensions if report.id == candidate.id), None)
                host.extensions.put(replace(report_of(candidate), state=ExtensionState.FOREIGN))
                on |= {candidate.id} if before is not ExtensionState.FOREIGN or candidate.id in again else set()
                continue
            host.extensions.put(report_of(candidate))
            if candidate.manifest is None:
                host.extensions.quarantine(candidate.id, candidate.problem)
                continue
            forget_modules(candidate.id)
            load_one(candidate, host.hooks, host.extensions, host.search.notes())
            reason = self._why_at_start(candidate.id, candidate) if host.extensions.is_active(candidate.id) else ""
            if reason:
                host.hooks.unregister(candidate.id)
                forget_modules(candidate.id)
                sentence = f"It is used from the next start on, because {reason}."
                host.extensions.put(replace(report_of(candidate), state=ExtensionState.DISABLED, error=sentence))
                waiting[candidate.id] = reason
            elif host.extensions.is_active(candidate.id):
                on.add(candidate.id)
        return on

    def _settle(self, on: set[str], off: set[str]) -> None:
        """Everything that was collected from extensions is collected anew, and the workers begin again where they are concerned."""
        host = self._host
        hooks = {hook for name in on for hook in host.hooks.implemented_by(name)}
        host.refill()
        if host.is_alive:
            for owned in host.hooks.collect(hookspecs.lifespan, host=host):
                if owned.owner in on:
                    host.enter_lifespan(owned)
        host.extensions.tell_followers()
        if host.is_alive and host.role == "web" and (off or hooks - OF_THE_PAGE_ALONE) and not host.jobs.renew_workers():
            logger.warning("The workers keep the extensions that they were started with until the next start.")


def forget_modules(extension_id: str) -> None:
    """Take an extension's modules out of the interpreter, so that the next import reads its files."""
    name = f"{NAMESPACE}.{extension_id}"
    for module in [each for each in sys.modules if each == name or each.startswith(f"{name}.")]:
        del sys.modules[module]
    package = sys.modules.get(NAMESPACE)
    if package is not None and extension_id in vars(package):
        delattr(package, extension_id)


def drop_bytecode(folder: Path) -> None:
    """Delete compiled files: Python tells changed sources by their second and size, which a quick update may leave alike."""
    for cache in list(folder.rglob("__pycache__")):
        if cache.is_dir() and not cache.is_symlink():
            shutil.rmtree(cache, ignore_errors=True)

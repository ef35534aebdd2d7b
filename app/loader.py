"""Bringing extensions up: order by ``requires``, checks, import, registration; whatever fails is quarantined with its reason."""

from __future__ import annotations

import heapq
import importlib
import importlib.util
import logging
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType

from app.discovery import NAMESPACE, Candidate, find_extensions
from app.errors import UserError
from app.extension_report import ExtensionReport, Extensions, ExtensionState, source_state
from app.hooks import Hooks
from app.import_notes import ImportNotes
from app.manifest import Manifest, check_host_range, check_requirements, conflicting_requirements, missing_requirements
from app.paths import Paths
from app.values.base import Json
from app.values.options import StartOptions

logger = logging.getLogger(__name__)
ONLY_EXTENSIONS = "PAINTBOX_ONLY_EXTENSIONS"
"""Environment variable: comma list of the only extensions to load (``extensions bisect`` sets it)."""
DECLARES = "hookspecs"
"""Module of an extension that declares hooks for other extensions."""


@dataclass(frozen=True)
class Selection:
    """Which of the extensions are wanted."""

    disabled: frozenset[str] = frozenset()
    only: frozenset[str] | None = None
    builtin_only: bool = False
    none: bool = False

    def reason_against(self, candidate: Candidate) -> str:
        """Why a candidate is not loaded; empty when it is wanted."""
        if self.none:
            return "No extension is loaded (--disable-all-extensions)."
        if self.builtin_only and not candidate.is_builtin:
            return "Only built-in extensions are loaded (--safe-mode)."
        if self.only is not None and candidate.id not in self.only:
            return "This run is limited to other extensions."
        return "It is disabled in the settings." if candidate.id in self.disabled else ""


def make_selection(options: StartOptions, only: frozenset[str] | None, settings: Mapping[str, Json]) -> Selection:
    """What the command line, the environment and the settings ask for."""
    disabled, scope = settings["disabled_extensions"], settings["disable_all_extensions"]
    if options.only_extensions is not None:
        chosen = frozenset(options.only_extensions)
        only = chosen if only is None else chosen & only
    return Selection(
        disabled=frozenset(str(name) for name in disabled) if isinstance(disabled, list) else frozenset(),
        only=only,
        builtin_only=options.safe_mode or scope == "extra",
        none=options.no_extensions or scope == "all",
    )


@dataclass(frozen=True)
class Search:
    """Where one host looks for extensions, and which of them it may load; ``limit``: value of ONLY_EXTENSIONS, None without it."""

    paths: Paths
    options: StartOptions
    limit: str | None
    with_packages: bool

    def candidates(self) -> list[Candidate]:
        """Everything that may be an extension now."""
        return find_extensions(self.paths, with_packages=self.with_packages)

    def notes(self) -> ImportNotes | None:
        """What remembers with whom the program ended; None where whoever started it looks for that himself (``extensions bisect``)."""
        return ImportNotes(self.paths.import_notes) if self.limit is None else None

    def selection(self, settings: Mapping[str, Json]) -> Selection:
        """Which of them are wanted with these settings."""
        only = frozenset(self.limit.replace(" ", "").split(",")) if self.limit is not None else None
        return make_selection(self.options, only, settings)


def load_extensions(
    candidates: Sequence[Candidate], selection: Selection, hooks: Hooks, extensions: Extensions, notes: ImportNotes | None
) -> None:
    """Load what is wanted into ``hooks``; every candidate gets its report in ``extensions``."""
    for candidate in candidates:
        against = selection.reason_against(candidate)
        if against:
            extensions.put(replace(report_of(candidate), state=ExtensionState.DISABLED, error=against))
        elif candidate.is_foreign:
            extensions.put(replace(report_of(candidate), state=ExtensionState.FOREIGN))
        elif candidate.manifest is None:
            extensions.put(replace(report_of(candidate), state=ExtensionState.QUARANTINED, error=candidate.problem))
    wanted = [c for c in candidates if c.manifest is not None and not selection.reason_against(c)]
    for candidate in order_by_requires(wanted):
        extensions.put(report_of(candidate))
        cycle = find_cycle(candidate, {c.id: c for c in wanted})
        if cycle:
            extensions.quarantine(candidate.id, f"Extensions require each other in a circle: {' -> '.join(cycle)}.")
        else:
            load_one(candidate, hooks, extensions, notes)


def unmet_requirement(report_requires: Iterable[str], extensions: Extensions) -> str:
    """A sentence about the first required extension that is not in use; empty when all are."""
    known = {report.id: report for report in extensions}
    for needed in report_requires:
        report = known.get(needed)
        if report is None:
            return f"It requires the extension {needed!r}, which is not installed."
        if report.state is not ExtensionState.ACTIVE:
            return f"It requires the extension {needed!r}, which is {report.state.value}: {report.error}"
    return ""


def order_by_requires(candidates: Sequence[Candidate]) -> list[Candidate]:
    """What is required comes first, otherwise by id; members of a circle come last, by id."""
    by_id = {candidate.id: candidate for candidate in candidates}
    waiting = {c.id: {needed for needed in _requires(c) if needed in by_id} for c in candidates}
    ready = [extension_id for extension_id, needs in waiting.items() if not needs]
    heapq.heapify(ready)
    ordered: list[Candidate] = []
    while ready:
        done = heapq.heappop(ready)
        ordered.append(by_id[done])
        del waiting[done]
        for extension_id, needs in waiting.items():
            if done in needs:
                needs.remove(done)
                if not needs:
                    heapq.heappush(ready, extension_id)
    return ordered + [by_id[extension_id] for extension_id in sorted(waiting)]


def find_cycle(candidate: Candidate, by_id: Mapping[str, Candidate]) -> list[str]:
    """The circle of ``requires`` that leads from a candidate back to itself; empty when there is none."""
    paths = [[candidate.id]]
    seen: set[str] = set()
    while paths:
        path = paths.pop()
        for needed in sorted(_requires(by_id[path[-1]])):
            if needed == candidate.id:
                return [*path, needed]
            if needed in by_id and needed not in seen:
                seen.add(needed)
                paths.append([*path, needed])
    return []


def open_namespace(folders: Iterable[Path]) -> None:
    """Make ``extensions.<id>`` importable from all these folders, the first winning, wherever the program was started."""
    package = sys.modules.get(NAMESPACE)
    if package is None:
        package = ModuleType(NAMESPACE, "Every extension is a module of this namespace.")
        package.__path__ = []
        sys.modules[NAMESPACE] = package
    package.__path__ = list(dict.fromkeys([*map(str, folders), *getattr(package, "__path__", ())]))
    importlib.invalidate_caches()


def load_one(candidate: Candidate, hooks: Hooks, extensions: Extensions, notes: ImportNotes | None) -> None:
    """Import and register one extension whose report is there already; its report says what came of it."""
    started = time.perf_counter()
    try:
        with _noted(candidate, notes):
            warnings = _checked_import(candidate, hooks, extensions)
    except UserError as error:
        logger.error("The extension %r is not used: %s", candidate.id, error)
        extensions.quarantine(candidate.id, str(error))
        extensions.need_packages(candidate.id, *_unmet(candidate.manifest))
        return
    for warning in warnings:
        logger.warning("%s", warning)
        extensions.warn(candidate.id, warning)
    if extensions.is_active(candidate.id):
        seconds = time.perf_counter() - started
        report = extensions.get(candidate.id)
        extensions.put(replace(report, hooks=tuple(hooks.implemented_by(candidate.id)), load_time_s=seconds))


def _noted(candidate: Candidate, notes: ImportNotes | None) -> AbstractContextManager[None]:
    """A note of the import of an extension of the user's; raises UserError for one with which the program has ended."""
    if notes is None or candidate.is_builtin:
        return nullcontext()
    state = source_state(report_of(candidate))
    notes.check(candidate.id, state)
    return notes.importing(candidate.id, state)


def _checked_import(candidate: Candidate, hooks: Hooks, extensions: Extensions) -> list[str]:
    """Import and register; returns warnings; raises UserError, or leaves a quarantined report, when it cannot be used."""
    manifest = candidate.manifest
    if manifest is None:
        raise UserError(candidate.problem)
    check_host_range(manifest)
    unmet = unmet_requirement(manifest.requires, extensions)
    if unmet:
        raise UserError(unmet)
    check_requirements(manifest)
    with hooks.isolated(candidate.id, "import"):
        module = importlib.import_module(candidate.module)
        if candidate.folder is not None and not Path(module.__file__ or "").resolve().is_relative_to(candidate.folder.resolve()):
            raise UserError(f"{candidate.module} was imported from {module.__file__}, not from {candidate.folder}.")
        if hasattr(module, "__path__") and importlib.util.find_spec(f"{candidate.module}.{DECLARES}"):
            hooks.declare(importlib.import_module(f"{candidate.module}.{DECLARES}"))
        return hooks.register(candidate.id, module)
    return []


def _unmet(manifest: Manifest | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Packages that can be installed for an extension, and conflicts, with any of which none can; none when its manifest cannot be read."""
    try:
        conflicts = tuple(conflicting_requirements(manifest)) if manifest is not None else ()
        return (tuple(missing_requirements(manifest)) if manifest is not None and not conflicts else ()), conflicts
    except UserError:
        return (), ()


def report_of(candidate: Candidate) -> ExtensionReport:
    """The report of an extension that nothing is known of yet but its manifest."""
    manifest = candidate.manifest
    return ExtensionReport(
        id=candidate.id,
        title=manifest.title if manifest else candidate.id,
        version=manifest.version if manifest else "",
        description=manifest.description if manifest else "",
        is_builtin=candidate.is_builtin,
        folder=candidate.folder,
        state=ExtensionState.ACTIVE,
        requires=manifest.requires if manifest else (),
    )


def _requires(candidate: Candidate) -> tuple[str, ...]:
    return candidate.manifest.requires if candidate.manifest else ()

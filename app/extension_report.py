"""What became of every extension: the list that the page and the command line show."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from app.errors import NotFoundError
from app.hooks import Failure

KEPT_FAILURES = 20


class ExtensionState(StrEnum):
    """``disabled``: by the user; ``quarantined``: it failed, contributes nothing, and ``error`` says why.

    ``failed in part``: its page or its routes failed; ``error`` says why, and its other hooks stay in use, so that one that guards
    the page still does. ``written for A1111``: its code is never run; its files that are no code are used.
    """

    ACTIVE = "active"
    DISABLED = "disabled"
    QUARANTINED = "quarantined"
    FAILED_IN_PART = "failed in part"
    FOREIGN = "written for A1111"


IN_USE = (ExtensionState.ACTIVE, ExtensionState.FAILED_IN_PART)


@dataclass(frozen=True)
class ExtensionReport:
    """One extension; ``failures`` are what went wrong later without putting it out of use, newest last.

    ``missing_packages``: requirements for want of which it is quarantined; ``conflicts``: sentences on packages that Paintbox has in
    other versions than it needs, for which it is quarantined.
    """

    id: str
    title: str
    version: str
    description: str
    is_builtin: bool
    folder: Path | None
    state: ExtensionState
    requires: tuple[str, ...] = ()
    error: str = ""
    traceback: str = ""
    hooks: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    load_time_s: float = 0.0
    failures: tuple[Failure, ...] = ()
    missing_packages: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()


class Extensions:
    """The reports of one host in load order; thread-safe."""

    def __init__(self) -> None:
        self._reports: dict[str, ExtensionReport] = {}
        self._lock = threading.Lock()
        self._followers: list[Callable[[], None]] = []

    def follow(self, call: Callable[[], None]) -> None:
        """Call it whenever extensions have been put into use or out of use while the program runs."""
        self._followers.append(call)

    def tell_followers(self) -> None:
        """Extensions have been put into use or out of use."""
        for call in list(self._followers):
            call()

    def put(self, report: ExtensionReport) -> None:
        """Add or replace a report."""
        with self._lock:
            self._reports[report.id] = report

    def get(self, extension_id: str) -> ExtensionReport:
        """One report; raises NotFoundError."""
        report = self._reports.get(extension_id)
        if report is None:
            raise NotFoundError(f"There is no extension {extension_id!r}.", hint=f"There are: {', '.join(self._reports) or 'none'}.")
        return report

    def is_active(self, extension_id: str) -> bool:
        """True when the extension exists and is in use, at least in part."""
        report = self._reports.get(extension_id)
        return report is not None and report.state in IN_USE

    def active(self) -> list[str]:
        """Ids of the extensions in use, in load order."""
        return [report.id for report in self if report.state in IN_USE]

    def quarantined(self) -> list[ExtensionReport]:
        """Reports of those that failed."""
        return [report for report in self if report.state is ExtensionState.QUARANTINED]

    def failed(self) -> list[ExtensionReport]:
        """Reports of those that failed, wholly or in part."""
        return [report for report in self if report.state in (ExtensionState.QUARANTINED, ExtensionState.FAILED_IN_PART)]

    def quarantine(self, extension_id: str, error: str, traceback: str = "") -> None:
        """Mark an extension as failed; the first reason is kept."""
        self._fail(extension_id, ExtensionState.QUARANTINED, error, traceback)

    def fail_in_part(self, extension_id: str, error: str, traceback: str = "") -> None:
        """Mark an extension as failed in part; the first reason is kept."""
        self._fail(extension_id, ExtensionState.FAILED_IN_PART, error, traceback)

    def _fail(self, extension_id: str, state: ExtensionState, error: str, traceback: str) -> None:
        with self._lock:
            report = self._reports.get(extension_id)
            if report is not None and report.state is ExtensionState.ACTIVE:
                self._reports[extension_id] = replace(report, state=state, error=error, traceback=traceback)

    def need_packages(self, extension_id: str, missing: tuple[str, ...], conflicts: tuple[str, ...] = ()) -> None:
        """Note which packages a quarantined extension waits for, and which stand in its way."""
        with self._lock:
            self._reports[extension_id] = replace(self._reports[extension_id], missing_packages=missing, conflicts=conflicts)

    def drop(self, extension_id: str) -> None:
        """Forget an extension whose folder is gone."""
        with self._lock:
            self._reports.pop(extension_id, None)

    def warn(self, extension_id: str, warning: str) -> None:
        """Add a sentence to an extension's warnings, once."""
        with self._lock:
            report = self._reports.get(extension_id)
            if report is not None and warning not in report.warnings:
                self._reports[extension_id] = replace(report, warnings=(*report.warnings, warning))

    def note(self, failure: Failure) -> None:
        """Remember a failure that does not put the extension out of use."""
        with self._lock:
            report = self._reports.get(failure.owner)
            if report is not None:
                kept = (*report.failures, failure)[-KEPT_FAILURES:]
                self._reports[failure.owner] = replace(report, failures=kept)

    def parts(self, name: str) -> list[Path]:
        """The files or folders of this name in the extensions in use, those that were written for A1111 too, in load order.

        It is for what is no program: ``localizations``, ``wildcards``, ``tags``, ``styles.csv``.
        """
        used = [report.folder for report in self if report.folder is not None and report.state in (*IN_USE, ExtensionState.FOREIGN)]
        return [folder / name for folder in used if (folder / name).exists()]

    def owner_of(self, path: str) -> str | None:
        """Id of the extension whose folder holds this source file."""
        for report in self:
            if report.folder is not None and Path(path).resolve().is_relative_to(report.folder.resolve()):
                return report.id
        return None

    def __iter__(self) -> Iterator[ExtensionReport]:
        """All reports in load order."""
        with self._lock:
            return iter(list(self._reports.values()))

    def __len__(self) -> int:
        """How many extensions were found."""
        return len(self._reports)


def source_state(report: ExtensionReport) -> str:
    """Names the state of an extension's code: another version, or a changed file, gives another name."""
    files = sorted(report.folder.glob("*.py")) if report.folder else []
    newest = max((file.stat().st_mtime_ns for file in files), default=0)
    return f"{report.id}={report.version}:{newest}"

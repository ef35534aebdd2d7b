"""What ``doctor`` asks of a host: settings file, journal, extensions, models."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

from app.cli.finding import Finding
from app.errors import ModelFileError
from app.extension_report import ExtensionState
from app.host import Host
from app.paths import Paths
from app.values.model import CHECKPOINT_KIND, ModelRecord

SHOWN = 10


def check_config(host: Host) -> Iterator[Finding]:
    """The settings file can be read and its values are valid."""
    for problem in host.settings.problems:
        yield Finding("wrong", "settings", problem, f"Correct it in {host.settings.path}, or in the environment if it comes from there.")
    if not host.settings.problems:
        there = host.settings.path.is_file()
        yield Finding("ok", "settings", f"{host.settings.path} is fine." if there else "There are only defaults so far.")


def check_journal(paths: Paths) -> Iterator[Finding]:
    """The journal of jobs is sound."""
    if not paths.database.is_file():
        yield Finding("ok", "journal", "No job has run yet.")
        return
    try:
        connection = sqlite3.connect(f"{paths.database.as_uri()}?mode=ro", uri=True, timeout=5)
        try:
            damage = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
        finally:
            connection.close()
    except sqlite3.Error as error:
        damage = str(error)
    if damage == "ok":
        yield Finding("ok", "journal", f"{paths.database} is sound.")
    else:
        yield Finding("wrong", "journal", f"{paths.database}: {damage}", "The next start sets it aside and begins a new one.")


def check_extensions(host: Host) -> Iterator[Finding]:
    """Every extension that is wanted works, and the Python packages it needs are there."""
    for report in host.extensions:
        remedy = f"`python webui.py extensions info {report.id}` shows more; `extensions disable {report.id}` leaves it out."
        if report.state in (ExtensionState.QUARANTINED, ExtensionState.FAILED_IN_PART):
            yield Finding("wrong", "extension", f"{report.id}: {report.error}\n{report.traceback}".rstrip(), remedy)
        for failure in report.failures:
            yield Finding("wrong", "extension", f"{report.id}: {failure.where}: {failure.error}\n{failure.traceback}".rstrip(), remedy)
        for warning in report.warnings:
            yield Finding("note", "extension", f"{report.id}: {warning}")
    active = host.extensions.active()
    yield Finding(
        "ok" if active else "wrong", "extensions", f"{len(active)} in use.", "" if active else "Start without --disable-all-extensions."
    )


def check_models(host: Host) -> Iterator[Finding]:
    """Every model file can be read, and there is a checkpoint to draw with."""
    usable, roots = 0, ""
    with closing(host):
        for kind, place in host.models.folders.items():
            records = host.models.records(kind)
            if kind == CHECKPOINT_KIND:
                roots = ", ".join(str(root) for root in place.roots)
                usable = sum(1 for record in records if record.identity is not None and record.identity.supported)
            yield from _troubled(host, records)
    if usable:
        yield Finding("ok", "checkpoint", f"{usable} can be used.")
    elif roots:
        yield Finding("wrong", "checkpoint", f"There is none that can be used in {roots}.", "Put a .safetensors checkpoint there.")
    else:
        yield Finding("wrong", "checkpoint", "No extension that is in use reads checkpoints.", "See the extensions above.")


def _troubled(host: Host, records: list[ModelRecord]) -> Iterator[Finding]:
    broken = [(record, reason) for record in records if (reason := _broken(host, record))]
    for _, reason in broken[:SHOWN]:
        yield Finding("wrong", "models", reason, "Download the file again, or delete it.")
    if len(broken) > SHOWN:
        yield Finding("wrong", "models", f"{len(broken) - SHOWN} more files cannot be read.")
    unused = [record for record in records if record.problem and not _broken(host, record)]
    for record in unused[:SHOWN]:
        yield Finding("note", "models", record.problem)


def _broken(host: Host, record: ModelRecord) -> str:
    """Why the file cannot be read; empty when it can, whatever is inside."""
    if not record.problem:
        return ""
    try:
        host.models.header(record)
    except ModelFileError as error:
        return str(error)
    return ""

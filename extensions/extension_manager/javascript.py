"""JavaScript and styles of extensions that were written for A1111: served and loaded once somebody has allowed exactly these files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from app.api import ExtensionState, PageFiles
from extensions.extension_manager.params import ALLOWED_SCRIPTS

if TYPE_CHECKING:
    from app.api import ExtensionReport, Host

SURFACE = PageFiles("a1111-surface", Path(__file__).parent / "static" / "a1111", ("surface.js",))
"""What such scripts expect to find in the page."""
MOST_BYTES = 8_000_000


def page_files(host: Host) -> Iterator[PageFiles]:
    """The allowed ones, after what they stand on."""
    allowed = [report for report in host.extensions if is_foreign(report) and is_allowed(report, host)]
    if allowed:
        yield SURFACE
    for report in allowed:
        if report.folder is not None:
            yield PageFiles(report.id, report.folder, tuple(script_files(report.folder)))


def is_foreign(report: ExtensionReport) -> bool:
    """True for an extension in use that was written for A1111."""
    return report.state is ExtensionState.FOREIGN and report.folder is not None


def script_files(folder: Path) -> list[str]:
    """Scripts in the order in which A1111 loads them, and the style sheet; links are left out."""
    scripts = sorted(path for path in (folder / "javascript").glob("*") if path.suffix in (".js", ".mjs"))
    found = [*scripts, folder / "style.css"]
    return [path.relative_to(folder).as_posix() for path in found if path.is_file() and not path.is_symlink()]


def allowed_files(folder: Path) -> list[str]:
    """All files that consent is given for: those, and modules that they may load from below."""
    below = sorted(path for path in (folder / "javascript").rglob("*") if path.suffix in (".js", ".mjs", ".css"))
    found = [path.relative_to(folder).as_posix() for path in below if path.is_file() and not path.is_symlink()]
    return list(dict.fromkeys([*script_files(folder), *found]))


def state_of(folder: Path) -> str:
    """Names the content of these files; "" where there are none, or more than a page should load."""
    whole = hashlib.sha256()
    files = allowed_files(folder)
    if not files or sum((folder / name).stat().st_size for name in files) > MOST_BYTES:
        return ""
    for name in files:
        whole.update(f"{name}\0".encode() + hashlib.sha256((folder / name).read_bytes()).digest())
    return whole.hexdigest()[:32]


def is_allowed(report: ExtensionReport, host: Host) -> bool:
    """True when somebody has allowed the files as they are now."""
    state = state_of(report.folder) if report.folder is not None else ""
    return bool(state) and f"{report.id}={state}" in allowed_states(host)


def with_consent(report: ExtensionReport, host: Host, *, allowed: bool) -> list[str]:
    """The setting's new value."""
    others = [entry for entry in allowed_states(host) if entry.rpartition("=")[0] != report.id]
    state = state_of(report.folder) if report.folder is not None else ""
    return [*others, f"{report.id}={state}"] if allowed and state else others


def allowed_states(host: Host) -> Iterable[str]:
    """The setting as texts."""
    value = host.settings.get(ALLOWED_SCRIPTS)
    return [str(entry) for entry in value] if isinstance(value, list) else []

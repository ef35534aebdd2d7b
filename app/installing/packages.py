"""Python packages for extensions: resolved beside what the host has, kept in a folder of their own, never in the host's place."""

from __future__ import annotations

import importlib
import json
import os
import re
import site
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from app.errors import UserError
from app.installing.addresses import without_secrets
from app.installing.package_files import PlannedPackage, note_hashes, read_hashes

HOST_NAME = "Paintbox"
RESOLVE_S, INSTALL_S = 300.0, 1800.0
KNOWN_BAD = frozenset(
    {
        ("litellm", "1.82.7"),
        ("litellm", "1.82.8"),
        ("ultralytics", "8.3.41"),
        ("ultralytics", "8.3.42"),
    }
)
"""Releases that were published with malware in them."""
_OFFLINE = ("Retrying (", "ConnectionError", "Temporary failure", "Network is unreachable", "timed out", "ConnectTimeout")
_CAUSE = re.compile(r"^ {4}(?P<what>\S.*?) depends on (?P<need>.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Resolution:
    """What must be added; ``conflicts`` are sentences, and with any of them nothing is installed. ``is_offline``: nobody answered."""

    add: tuple[PlannedPackage, ...] = ()
    conflicts: tuple[str, ...] = ()
    is_offline: bool = False


def add_package_folder(folder: Path) -> None:
    """Make packages of extensions importable in this process, after everything that the host has."""
    if folder.is_dir():
        site.addsitedir(str(folder))
        importlib.invalidate_caches()


class Packages:
    """``wanted_by``: requirements of the installed extensions, by id; they name the holder of a package in a conflict."""

    def __init__(
        self, folder: Path, wanted_by: Mapping[str, Sequence[str]] | None = None, environment: Mapping[str, str] | None = None
    ) -> None:
        self.folder = folder
        self._wanted_by = wanted_by or {}
        self._environment = os.environ if environment is None else environment

    def installed(self) -> dict[str, str]:
        """Name and version of every package in the extensions' folder."""
        found = metadata.distributions(path=[str(self.folder)]) if self.folder.is_dir() else ()
        return {canonicalize_name(each.name): each.version for each in found}

    def hashes(self) -> dict[str, str]:
        """SHA-256 of the files from which the packages were installed, by name, where that is known."""
        there, known = self.installed(), read_hashes(self.folder)
        return {name: each.sha256 for name, each in known.items() if there.get(name) == each.version and each.sha256}

    def problem_of(self, package: PlannedPackage) -> str:
        """Why a package may not be installed, whoever asks; "" when it may."""
        name = canonicalize_name(package.name)
        if (name, package.version) in KNOWN_BAD:
            return f"{package.name} {package.version} was published with malware in it and is not installed."
        held = self._of_host().get(name, package.version)
        return "" if held == package.version else f"{package.name} {package.version} is not installed: {HOST_NAME} holds {name} {held}."

    def is_wanted(self, package: str) -> bool:
        """True when an extension needs it, over all steps."""
        return bool(self._holder(canonicalize_name(package)))

    def resolve(self, extension: str, requirements: Sequence[str]) -> Resolution:
        """What ``requirements`` of an extension need beside what is there; asks the package index when something is missing."""
        held = self._held(extension)
        wanted, problems = _parse(extension, requirements)
        conflicts = [*problems, *(_conflict(extension, each, held, self._holder_of_added) for each in wanted)]
        missing = [each for each in wanted if canonicalize_name(each.name) not in held]
        if any(conflicts) or not missing:
            return Resolution(conflicts=tuple(sentence for sentence in conflicts if sentence))
        return self._ask_pip(extension, missing, held)

    def install(self, packages: Sequence[PlannedPackage]) -> None:
        """Put exactly these files into the folder; raises UserError for what may not be installed, and with pip's last words."""
        if not packages:
            return
        problems = [problem for each in packages if (problem := self.problem_of(each))]
        if problems:
            raise UserError(" ".join(problems), status=409)
        lines = [f"{each.name}=={each.version}" + (f" --hash=sha256:{each.sha256}" if each.sha256 else "") for each in packages]
        self.folder.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix="paintbox-pip-") as work:
            listing = Path(work) / "requirements.txt"
            listing.write_text("\n".join(lines) + "\n", encoding="utf-8")
            done = self._pip(["--no-deps", "--upgrade", "--target", str(self.folder), "-r", str(listing)], INSTALL_S)
        if done.returncode:
            raise UserError(f"The packages could not be installed: {_last_words(done)}", status=503)
        note_hashes(self.folder, {canonicalize_name(each.name): each for each in packages})
        add_package_folder(self.folder)

    def remove(self, names: Iterable[str]) -> None:
        """Delete packages from the extensions' folder; files of others and of the host are never touched."""
        gone = {canonicalize_name(name) for name in names}
        root = self.folder.resolve()
        for each in metadata.distributions(path=[str(self.folder)]) if self.folder.is_dir() else ():
            if canonicalize_name(each.name) not in gone:
                continue
            for file in each.files or ():
                path = (self.folder / file).resolve()
                if path.is_relative_to(root):
                    path.unlink(missing_ok=True)
                    _remove_empty(path.parent, root)
        importlib.invalidate_caches()

    # --- who holds what ---

    def _held(self, extension: str) -> dict[str, str]:
        """Every package that must stay as it is: the host's, and those that other extensions hold."""
        mine = {name: version for name, version in self.installed().items() if self._holder(name) not in ("", extension)}
        return {**mine, **self._of_host()}

    def _of_host(self) -> dict[str, str]:
        return {canonicalize_name(each.name): each.version for each in metadata.distributions(path=self._host_path()) if each.name}

    def _host_path(self) -> list[str]:
        own = str(self.folder)
        return [place for place in sys.path if place != own]  # noqa: TID251  (read, not changed)

    def _holder(self, package: str) -> str:
        """Id of an extension that needs a package of the folder, over all steps; "" when nobody does."""
        for extension, requirements in self._wanted_by.items():
            if package in self._closure(requirements):
                return extension
        return ""

    def _holder_of_added(self, package: str) -> str:
        """The same; "" for what Paintbox itself has, which it holds whichever extensions use it too."""
        return "" if package in self._of_host() else self._holder(package)

    def _closure(self, requirements: Iterable[str]) -> set[str]:
        needs: dict[str, list[str]] = {
            canonicalize_name(each.name): each.requires or [] for each in metadata.distributions(path=[str(self.folder)])
        }
        found: set[str] = set()
        waiting = list(requirements)
        while waiting:
            name = _name_of(waiting.pop())
            if name and name not in found:
                found.add(name)
                waiting.extend(needs.get(name, ()))
        return found

    # --- pip ---

    def _ask_pip(self, extension: str, missing: Sequence[Requirement], held: Mapping[str, str]) -> Resolution:
        with TemporaryDirectory(prefix="paintbox-pip-") as work:
            report, fixed, listing = (Path(work) / name for name in ("report.json", "constraints.txt", "requirements.txt"))
            fixed.write_text("".join(f"{name}=={version}\n" for name, version in held.items()), encoding="utf-8")
            listing.write_text("".join(f"{each}\n" for each in missing), encoding="utf-8")
            done = self._pip(["--dry-run", "--report", str(report), "-c", str(fixed), "-r", str(listing)], RESOLVE_S)
            if done.returncode == 0:
                document: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
                add = tuple(_planned(entry) for entry in document["install"])
                bad = [each for each in add if (canonicalize_name(each.name), each.version) in KNOWN_BAD]
                warnings = tuple(f"{extension} needs {each.name} {each.version}, which was published with malware in it." for each in bad)
                return Resolution(add=() if bad else add, conflicts=warnings)
        said = f"{done.stdout}\n{done.stderr}"
        if any(sign in said for sign in _OFFLINE):
            names = ", ".join(each.name for each in missing)
            return Resolution(conflicts=(f"The package index could not be reached, so {names} cannot be had now.",), is_offline=True)
        return Resolution(conflicts=tuple(_causes(extension, said, held, self._holder_of_added)) or (_not_found(extension, done),))

    def _pip(self, arguments: Sequence[str], limit_s: float) -> subprocess.CompletedProcess[str]:
        """Wheels only: a source package would run its code while it is merely looked at."""
        common = ["--no-input", "--disable-pip-version-check", "--no-color", "--only-binary=:all:", "--retries", "1", "--timeout", "10"]
        unwanted = {"PIP_TARGET", "PIP_PREFIX", "PIP_USER", "PIP_REQUIRE_HASHES", "PIP_DRY_RUN", "PYTHONHOME", "PIP_DEFAULT_TIMEOUT"}
        kept = {name: value for name, value in self._environment.items() if name not in unwanted}
        variables = {**kept, "PIP_USER": "0", "PYTHONUTF8": "1", "PYTHONPATH": str(self.folder)}
        command = [sys.executable, "-m", "pip", "install", *common, *arguments]
        try:
            return subprocess.run(
                command, env=variables, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", timeout=limit_s
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise UserError(f"pip did not end: {error}.", status=503) from error


def _parse(extension: str, requirements: Sequence[str]) -> tuple[list[Requirement], list[str]]:
    """The requirements that count on this machine, and a sentence for each line that cannot be installed."""
    wanted: list[Requirement] = []
    problems: list[str] = []
    for text in requirements:
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            problems.append(f"{extension} asks for {text!r}, which is not the name of a package with versions.")
            continue
        if requirement.url:
            problems.append(f"{extension} asks for {requirement.name} from an address of its own, which is not installed.")
        elif requirement.marker is None or requirement.marker.evaluate():
            wanted.append(requirement)
    return wanted, problems


def _conflict(extension: str, wanted: Requirement, held: Mapping[str, str], holder: Any) -> str:
    """A sentence when another version is held; "" else."""
    name = canonicalize_name(wanted.name)
    version = held.get(name, "")
    if not version or wanted.specifier.contains(version, prereleases=True):
        return ""
    return f"{extension} wants {wanted.name}{wanted.specifier}; {_holds(name, version, holder)}"


def _holds(name: str, version: str, holder: Any) -> str:
    who = holder(name)
    return f"the extension {who} holds {name} {version}." if who else f"{HOST_NAME} holds {name} {version}."


def _causes(extension: str, said: str, held: Mapping[str, str], holder: Any) -> Iterable[str]:
    """Sentences from what pip says of packages that do not go together."""
    for match in _CAUSE.finditer(said):
        name = _name_of(match["need"])
        version = held.get(name, "")
        if version:
            yield f"{extension} needs {match['what']}, which wants {match['need']}; {_holds(name, version, holder)}"
        else:
            yield f"{extension} needs {match['what']}, which wants {match['need']}, and that does not go with the rest."


def _not_found(extension: str, done: subprocess.CompletedProcess[str]) -> str:
    if "No module named pip" in done.stderr:
        return f"{extension} needs packages, and this Python has no pip to install them with."
    return f"{extension} needs a package that is not to be had for this machine as a wheel: {_last_words(done)}"


def _last_words(done: subprocess.CompletedProcess[str]) -> str:
    lines = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or done.stderr.strip().splitlines()
    return lines[0].removeprefix("ERROR: ")[:300] if lines else f"pip ended with code {done.returncode}."


def _planned(entry: Mapping[str, Any]) -> PlannedPackage:
    about, where = entry["metadata"], entry.get("download_info", {})
    address = without_secrets(str(where.get("url", "")))
    hashes = where.get("archive_info", {}).get("hashes", {})
    source = urlsplit(address).hostname or "a folder of this machine"
    return PlannedPackage(name=about["name"], version=about["version"], sha256=str(hashes.get("sha256", "")), source=source)


def _name_of(requirement: str) -> str:
    try:
        parsed = Requirement(requirement)
    except InvalidRequirement:
        return ""
    if parsed.marker is not None and not parsed.marker.evaluate({"extra": ""}):
        return ""
    return canonicalize_name(parsed.name)


def _remove_empty(folder: Path, root: Path) -> None:
    while folder != root and folder.is_relative_to(root) and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent

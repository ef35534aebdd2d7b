"""Finds licences: those of Paintbox and of the data in it by their files, those of packages by their metadata."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from app.api import Value

if TYPE_CHECKING:
    from app.api import Host

NAMES = ("LICENSE", "LICENCE", "COPYING", "NOTICE", "AUTHORS")
LONGEST_NAME = 80
FACTS = ("License-Expression", "License", "Classifier", "Home-page", "Project-URL")
CLASSIFIER = "License ::"
OWN_FILES = ("LICENSE", "NOTICE")
PACKAGE, CARRIED = "package", "carried"


class Licensed(Value):
    """Something under a licence: ``id`` names it for its text, ``kind`` is "carried" (part of Paintbox) or "package"."""

    id: str
    name: str
    kind: str
    version: str = ""
    licence: str = ""
    home: str = ""
    has_text: bool = False


def list_licences(host: Host) -> tuple[Licensed, ...]:
    """Paintbox and what it carries, then the installed packages by name."""
    carried = [Licensed(id=f"{CARRIED}:{name}", name=name, kind=CARRIED, has_text=True) for name in carried_files(host)]
    packages = {_key(each): _package(each) for each in metadata.distributions() if each.name}
    return (*carried, *(packages[key] for key in sorted(packages)))


def licence_text(host: Host, identity: str) -> str | None:
    """The texts of one of them; None when there is no such thing. Only files that are listed are ever read."""
    kind, _, name = identity.partition(":")
    if kind == CARRIED:
        file = carried_files(host).get(name)
        return _read(file) if file else None
    found = next((each for each in metadata.distributions() if each.name and _key(each) == name), None)
    return None if found is None else "\n\n".join(_read(file) for file in _texts(found)) or None


def carried_files(host: Host) -> dict[str, Path]:
    """The licence files of the repository, by their paths in it."""
    root = host.paths.root
    own = [root / name for name in OWN_FILES if (root / name).is_file()]
    folders = [report.folder for report in host.extensions if report.folder is not None and host.extensions.is_active(report.id)]
    others = sorted(
        file for folder in folders for name in NAMES for file in folder.rglob(f"{name}*") if file.is_file() and not file.is_symlink()
    )
    return {_shown(file, root): file for file in [*own, *others]}


def _shown(file: Path, root: Path) -> str:
    return file.relative_to(root).as_posix() if file.is_relative_to(root) else f"{file.parent.name}/{file.name}"


def _key(package: metadata.Distribution) -> str:
    return package.name.lower()


def _package(package: metadata.Distribution) -> Licensed:
    facts = _facts(package)
    return Licensed(
        id=f"{PACKAGE}:{_key(package)}",
        name=package.name,
        kind=PACKAGE,
        version=package.version,
        licence=_licence(facts),
        home=_home(facts),
        has_text=bool(_texts(package)),
    )


def _facts(package: metadata.Distribution) -> Mapping[str, list[str]]:
    """The metadata by name, each with all its values."""
    return {name: package.metadata.get_all(name) or [] for name in FACTS}


def _licence(facts: Mapping[str, list[str]]) -> str:
    """The expression, else what the classifiers say, else the first line of a short text."""
    classified = [each.rpartition("::")[2].strip() for each in facts["Classifier"] if each.startswith(CLASSIFIER)]
    lines = "\n".join(facts["License"]).strip().splitlines()
    return "".join(facts["License-Expression"]) or ", ".join(classified) or (lines[0][:LONGEST_NAME] if lines else "")


def _home(facts: Mapping[str, list[str]]) -> str:
    """An https address; metadata may hold any text."""
    named = [*facts["Home-page"], *(each.partition(",")[2].strip() for each in facts["Project-URL"])]
    return next((address for address in named if address.startswith("https://")), "")


def _texts(package: metadata.Distribution) -> list[Path]:
    inside = [file for file in package.files or () if ".dist-info" in file.parts[0] and file.name.upper().startswith(NAMES)]
    return [path for file in inside if (path := Path(str(package.locate_file(file)))).is_file()]


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace")

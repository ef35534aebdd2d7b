"""An extension's manifest: pyproject.toml with [project] and [tool.paintbox]."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.errors import UserError
from app.paths import EXTENSION_PACKAGES
from app.version import HOST_VERSION

MANIFEST = "pyproject.toml"
REQUIREMENTS = "requirements.txt"
Permission = Literal["network", "files", "processes"]
"""What an extension says it does beside its hooks: ask other machines, write files elsewhere than in the output folders, run programs."""
_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class FlagDeclaration(BaseModel):
    """A command-line flag of an extension; its value is found in ``host.options.flags``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern="^[a-z][a-z0-9-]*$", description="The flag without `--`: small letters, digits, hyphens.")
    kind: Literal["switch", "text", "path", "int"] = Field(
        "text", description='"switch" takes no value, "int" a whole number, "path" is made absolute from where the user is.'
    )
    repeat: bool = Field(False, description="It may be given several times; the value is a list.")
    secret: bool = Field(False, description="The value is masked wherever flags are shown.")
    aliases: tuple[str, ...] = Field((), description="Further names.")
    help: str = Field(description="What it is for; shown by `--help` and in docs/command-line.md.")


class ToolTable(BaseModel):
    """The table ``[tool.paintbox]`` as it is written."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = Field("", description="What the page calls it; else `name` of `[project]`.")
    host: str = Field(description='The versions of Paintbox it is made for: `">=1,<2"`.')
    requires: tuple[str, ...] = Field((), description="Ids of extensions that must be in use; it may import their `api` module.")
    builtin: bool = Field(False, description="Kept for the extensions that come along with Paintbox.")
    permissions: tuple[Permission, ...] = Field(
        (), description='What it does beside its hooks, shown before an install: `"network"`, `"files"`, `"processes"`.'
    )
    restart: bool = Field(False, description="It can be put into use and out of use by a start of the program only.")
    flags: tuple[FlagDeclaration, ...] = Field((), description="Flags of the command line, each a `[[tool.paintbox.flags]]`.")


PROJECT_FIELDS = {
    "name": "Its name as a Python package. Must be there.",
    "version": "Its version. Must be there.",
    "description": "What it is for, in a sentence; shown among the extensions. Default: none.",
    "dependencies": "Python packages it needs, as pip writes them; lines of a `requirements.txt` beside count too. Default: none.",
}
"""What is read of the table ``[project]``."""


@dataclass(frozen=True)
class Manifest:
    """What an extension says of itself; ``id`` is its folder's name.

    ``permissions`` are declared and shown before an install, not enforced. ``restart``: it can be put into use and out of use by a start
    of the program only.
    """

    id: str
    title: str
    version: str
    description: str
    host: str
    requires: tuple[str, ...] = ()
    dependencies: tuple[str, ...] = ()
    flags: tuple[FlagDeclaration, ...] = ()
    claims_builtin: bool = False
    permissions: tuple[Permission, ...] = ()
    restart: bool = False


def read_manifest(folder: Path) -> Manifest:
    """Read a folder's manifest; raises UserError that names the file and the field."""
    path = folder / MANIFEST
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"{folder.name} has no {MANIFEST}.", hint="It is not an extension of Paintbox, or it is incomplete.") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UserError(f"{folder.name}/{MANIFEST} cannot be read: {error}.") from error
    manifest = parse_manifest(folder.name, document)
    more = [each for each in _listed_requirements(folder) if each not in manifest.dependencies]
    return replace(manifest, dependencies=(*manifest.dependencies, *more)) if more else manifest


def parse_manifest(extension_id: str, document: Mapping[str, Any]) -> Manifest:
    """Check a manifest's content; raises UserError that names the field."""
    where = f"{extension_id}/{MANIFEST}"
    if not _ID.fullmatch(extension_id):
        raise UserError(f"{extension_id!r} cannot be the name of an extension's folder.", hint="Use letters, digits and underscores.")
    project, tool = document.get("project"), document.get("tool", {}).get("paintbox")
    if not isinstance(tool, dict):
        raise UserError(f"{where} has no [tool.paintbox] table.", hint="It is not an extension of Paintbox.")
    if not isinstance(project, dict):
        raise UserError(f"{where} has no [project] table.")
    try:
        parsed = ToolTable.model_validate(tool)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise UserError(f"{where}: [tool.paintbox] {field}: {first['msg']}.") from error
    return Manifest(
        id=extension_id,
        title=parsed.title or _text(project, "name", where),
        version=_text(project, "version", where),
        description=_text(project, "description", where, default=""),
        host=parsed.host,
        requires=parsed.requires,
        dependencies=tuple(_texts(project, "dependencies", where)),
        flags=parsed.flags,
        claims_builtin=parsed.builtin,
        permissions=parsed.permissions,
        restart=parsed.restart,
    )


def _listed_requirements(folder: Path) -> list[str]:
    """The lines of the folder's requirements.txt; options of pip among them are found wrong when they are read as requirements."""
    try:
        text = (folder / REQUIREMENTS).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return []
    lines = (line.partition(" #")[0].strip() for line in text.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def check_host_range(manifest: Manifest) -> None:
    """Raise UserError when this host is not one the extension was made for, or when the range cannot be read."""
    try:
        fits = SpecifierSet(manifest.host).contains(HOST_VERSION)
    except InvalidSpecifier as error:
        raise UserError(
            f"{manifest.id}/{MANIFEST}: host = {manifest.host!r} is not a version range.", hint='Write host = ">=1,<2".'
        ) from error
    if not fits:
        raise UserError(
            f"{manifest.id} {manifest.version} is made for Paintbox {manifest.host}; this is {HOST_VERSION}.",
            hint="Install a version of the extension that fits.",
        )


def missing_requirements(manifest: Manifest) -> list[str]:
    """The Python packages it needs that are not installed, or not in the version it needs."""
    return [text for text, _ in _unmet(manifest)]


def conflicting_requirements(manifest: Manifest) -> list[str]:
    """A sentence for each package that Paintbox itself has in another version than it needs, so that no install can help."""
    return [sentence for _, sentence in _unmet(manifest) if sentence]


def _unmet(manifest: Manifest) -> Iterator[tuple[str, str]]:
    """(requirement with the installed version, sentence of a conflict or "")."""
    for text in manifest.dependencies:
        try:
            requirement = Requirement(text)
        except InvalidRequirement as error:
            raise UserError(f"{manifest.id}/{MANIFEST}: dependencies: {text!r} is not a requirement ({error}).") from error
        if requirement.marker is not None and not requirement.marker.evaluate():
            continue
        try:
            installed = metadata.distribution(requirement.name)
        except metadata.PackageNotFoundError:
            yield text, ""
            continue
        if not requirement.specifier.contains(installed.version, prereleases=True):
            is_of_extensions = EXTENSION_PACKAGES in Path(str(installed.locate_file(""))).parts
            held = f"{manifest.id} wants {requirement.name}{requirement.specifier}; Paintbox holds {requirement.name} {installed.version}."
            yield f"{text} (installed: {installed.version})", "" if is_of_extensions else held


def check_requirements(manifest: Manifest) -> None:
    """Raise UserError that names the Python packages that are missing, or that conflict with what Paintbox has."""
    conflicts = conflicting_requirements(manifest)
    missing = [text for text, sentence in _unmet(manifest) if not sentence]
    if conflicts:
        more = [f"{manifest.id} also needs packages: {', '.join(missing)}."] if missing else []
        raise UserError(" ".join([*conflicts, *more]), hint="A version of the extension that goes with this Paintbox is needed.")
    if missing:
        raise UserError(
            f"{manifest.id} needs packages: {', '.join(missing)}.",
            hint=f"The tab Extensions installs them, and so does: python webui.py extensions install {manifest.id}",
        )


def _text(table: Mapping[str, Any], key: str, where: str, default: str | None = None) -> str:
    value = table.get(key, default)
    if value is None:
        raise UserError(f"{where}: [project] {key} is missing.")
    if not isinstance(value, str) or (not value and default is None):
        raise UserError(f"{where}: [project] {key} must be a text.")
    return value


def _texts(table: Mapping[str, Any], key: str, where: str) -> list[str]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise UserError(f"{where}: [project] {key} must be a list of texts.")
    return value

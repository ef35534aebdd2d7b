"""The plan of a change of extensions: all that somebody should see before saying yes, and nothing that has happened yet."""

from __future__ import annotations

from typing import Literal

from app.installing.inspecting import PlannedFile
from app.installing.package_files import PlannedPackage
from app.manifest import Permission
from app.values.base import Value

SHOWN_FILES = 400


class FileChange(Value):
    """What an update does with a file."""

    path: str
    change: Literal["new", "changed", "gone"]


class InstallPlan(Value):
    """``kind``: a new extension, another version of one, or only the packages of one that is there.

    ``refusals``: sentences for which it cannot be carried out. ``uses``: what the code seems to do; ``undeclared``: what of that the
    manifest does not say. ``digest`` names the files that were looked at: only those are installed. ``file_count`` counts all files,
    ``files`` lists the first ones. ``is_offline``: the package index did not answer.
    """

    token: str
    kind: Literal["install", "update", "packages"]
    name: str
    title: str = ""
    version: str = ""
    version_now: str = ""
    description: str = ""
    source: str = ""
    branch: str = ""
    commit: str = ""
    commit_date: int = 0
    is_foreign: bool = False
    files: tuple[PlannedFile, ...] = ()
    file_count: int = 0
    size_bytes: int = 0
    changes: tuple[FileChange, ...] = ()
    permissions: tuple[Permission, ...] = ()
    uses: tuple[Permission, ...] = ()
    undeclared: tuple[Permission, ...] = ()
    hooks: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()
    packages: tuple[PlannedPackage, ...] = ()
    refusals: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    digest: str = ""
    is_offline: bool = False

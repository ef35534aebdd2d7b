"""What installs are made of, for tests without a network: git repositories, archives, wheels in a folder that pip takes for its index."""

from __future__ import annotations

import os
import subprocess
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from app.installing.addresses import GitRules
from app.installing.git import Git

FILE_GIT_RULES = GitRules(protocols=("file",))
"""Lets a test clone from a folder; people cannot have that."""


def manifest_text(name: str, *, version: str = "1.0.0", dependencies: Sequence[str] = (), **tool: object) -> str:
    """A manifest of an extension."""
    lines = "".join(f"{key} = {_toml(value)}\n" for key, value in {"title": name, "host": ">=1,<2", **tool}.items())
    project = f'name = "{name}"\nversion = "{version}"\ndescription = "of a test"\ndependencies = {list(dependencies)!r}\n'
    return f"[project]\n{project}\n[tool.paintbox]\n{lines}"


def write_files(folder: Path, files: Mapping[str, str]) -> Path:
    """Write texts below a folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def write_archive(path: Path, files: Mapping[str, str], top: str = "") -> Path:
    """A zip archive of these files, all in one folder when ``top`` is given."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(f"{top}/{name}" if top else name, text)
    return path


def write_wheel(folder: Path, name: str, version: str, requires: Sequence[str] = ()) -> Path:
    """A wheel with one module of the package's name that holds its VERSION."""
    folder.mkdir(parents=True, exist_ok=True)
    module = name.replace("-", "_")
    info = f"{module}-{version}.dist-info"
    path = folder / f"{module}-{version}-py3-none-any.whl"
    about = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n" + "".join(f"Requires-Dist: {each}\n" for each in requires)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{module}.py", f"VERSION = {version!r}\n")
        archive.writestr(f"{info}/METADATA", about)
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", f"{module}.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n")
    return path


def pip_environment(index: Path) -> dict[str, str]:
    """Variables by which pip finds packages in a folder and nowhere else."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    return {**kept, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(index), "PIP_CONFIG_FILE": os.devnull}


def commit_files(repository: Path, files: Mapping[str, str], message: str = "change") -> str:
    """Commit these files in a repository, which is made when it is not there; returns the commit."""
    write_files(repository, files)
    if not (repository / ".git").exists():
        _git(repository, "init", "--quiet", "--initial-branch=main")
    _git(repository, "add", "--all")
    _git(repository, "-c", "user.name=Test", "-c", "user.email=test@example.org", "commit", "--quiet", "--message", message)
    return _git(repository, "rev-parse", "HEAD").strip()


def folder_git() -> Git:
    """The git program under rules that let it clone from folders."""
    return Git(FILE_GIT_RULES)


def _git(folder: Path, *arguments: str) -> str:
    variables = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    variables |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    return subprocess.run(["git", *arguments], cwd=folder, env=variables, check=True, capture_output=True, text=True).stdout


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return repr(list(value)) if isinstance(value, (list, tuple)) else f'"{value}"'

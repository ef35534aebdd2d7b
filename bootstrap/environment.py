"""Makes the virtual environment, finds out whether an existing one is sound, and clears what an interrupted install left in it."""

import csv
import json
import shutil
import subprocess
import sys
from pathlib import Path

from bootstrap.console import BootstrapError, say
from bootstrap.place import Place
from bootstrap.system_packages import ensure_venv_module

_QUESTION = (
    "import json, sys, sysconfig, pip; "
    "print(json.dumps([sys.implementation.cache_tag + getattr(sys, 'abiflags', ''), sysconfig.get_path('purelib')]))"
)


def packages_folder(place: Place, tag: str) -> Path | None:
    """The environment's package folder; None unless its Python runs, is the one of ``tag`` and has pip."""
    try:
        answer = subprocess.run([str(place.python), "-c", _QUESTION], capture_output=True, text=True, timeout=60, check=True).stdout
        found_tag, folder = json.loads(answer)
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    return Path(folder) if found_tag == tag else None


def make_environment(place: Place, tag: str) -> Path:
    """Make .venv, or keep the one that is there if it is sound; return its package folder."""
    folder = packages_folder(place, tag)
    if folder and "pip" not in damaged_packages(folder):
        return folder
    if Path(sys.prefix) == place.environment:
        raise BootstrapError(f"{place.environment} is damaged, and this Python lives in it", "start again with your system's Python")
    ensure_venv_module()
    if place.environment.exists():
        say(f"{place.environment} is damaged or belongs to another Python; making it anew.")
        remove_environment(place)
    say(f"Making {place.environment} with Python {sys.version.split()[0]}.")
    made = subprocess.run([sys.executable, "-m", "venv", str(place.environment)], capture_output=True, text=True, errors="replace")
    folder = packages_folder(place, tag)
    if made.returncode != 0 or not folder:
        lines = "\n".join((made.stdout + made.stderr).splitlines()[-8:])
        raise BootstrapError(f"python -m venv failed:\n{lines}", f"mend this Python ({sys.executable}) or start with another one")
    return folder


def remove_environment(place: Place) -> None:
    """Delete .venv; a link in its place is removed, not followed."""
    try:
        if place.environment.is_symlink() or place.environment.is_file():
            place.environment.unlink()
        else:
            shutil.rmtree(place.environment)
    except OSError as error:
        raise BootstrapError(
            f"{error.filename} cannot be deleted ({error.strerror})", f"end every running Paintbox, delete {place.environment}, start again"
        ) from error


def damaged_packages(folder: Path) -> list[str]:
    """Names of the packages in a package folder that lack their file list, or a file of it, or have one of another size."""
    return sorted(info.name.partition("-")[0].lower() for info in folder.glob("*.dist-info") if not _is_whole(folder, info))


def clear_damage(folder: Path) -> list[str]:
    """Take the damaged packages out, so that pip installs them again; return their names."""
    damaged = damaged_packages(folder)
    for info in list(folder.glob("*.dist-info")):
        if info.name.partition("-")[0].lower() in damaged:
            for path, _ in _recorded(info):
                (folder / path).unlink(missing_ok=True)
            shutil.rmtree(info)
    for leftover in folder.glob("~*"):
        shutil.rmtree(leftover, ignore_errors=True)
    return damaged


def _is_whole(folder: Path, info: Path) -> bool:
    files = _recorded(info)
    return bool(files) and all(_has_size(folder / path, size) for path, size in files)


def _recorded(info: Path) -> list[tuple[str, int | None]]:
    """Path and size, in bytes where given, of every file of a package; empty when the list is missing or cut short."""
    try:
        with (info / "RECORD").open(encoding="utf-8", newline="") as record:
            return [(row[0], int(row[2]) if row[2] else None) for row in csv.reader(record)]
    except (OSError, ValueError, IndexError):
        return []


def _has_size(path: Path, size: int | None) -> bool:
    try:
        return size is None or path.stat().st_size == size
    except OSError:
        return False

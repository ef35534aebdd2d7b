"""The screen of ``doctor`` where Paintbox's own cannot be shown, because its packages could not be installed."""

import shutil
import sys
from collections.abc import Iterator

from bootstrap.console import BootstrapError
from bootstrap.environment import damaged_packages, packages_folder
from bootstrap.machine import Machine, choose_build
from bootstrap.place import Place
from bootstrap.stamp import python_tag

GIB = 1 << 30
NEEDED_DISK = 10 * GIB


def first_aid(place: Place, machine: Machine, error: BootstrapError) -> str:
    """Everything that is known without the packages, each line with its remedy; ends with what failed."""
    lines = [f"Paintbox in {place.root}"]
    wrong = 0
    for verdict, subject, text, remedy in (*_look(place, machine), ("WRONG", "packages", error.what, error.remedy)):
        wrong += verdict == "WRONG"
        first, *more = text.splitlines() or [""]
        lines.append(f"  {verdict:<5} {subject:<12} {first}")
        lines += [f"        {'':<12} {line}" for line in more]
        if remedy:
            lines.append(f"        {'':<12} -> {remedy}")
    lines.append("Settings, extensions and models can be looked at when the packages are installed.")
    lines.append(f"{wrong} {'thing is' if wrong == 1 else 'things are'} wrong.")
    return "\n".join(lines)


def _look(place: Place, machine: Machine) -> Iterator[tuple[str, str, str, str]]:
    """Verdict, subject, text and remedy of each thing."""
    yield "ok", "Python", f"{sys.version.split()[0]} ({sys.executable})", ""
    build = choose_build(machine)
    yield "ok", "PyTorch", f"The build for this machine is {build.name}, because {build.why}.", ""
    try:
        free = shutil.disk_usage(place.root).free
    except OSError as error:
        yield "WRONG", "disk", f"{place.root}: {error.strerror}", "Make sure that the drive is there and can be read."
    else:
        little = free < NEEDED_DISK
        yield "note" if little else "ok", "disk", f"{free / GIB:.1f} GB free.", "An install takes up to 10 GB." if little else ""
    yield _environment(place)


def _environment(place: Place) -> tuple[str, str, str, str]:
    if not place.environment.exists():
        return "note", ".venv", "It is not there yet: the first start makes it.", ""
    folder = packages_folder(place, python_tag())
    if folder is None:
        return "WRONG", ".venv", f"{place.environment} does not work with this Python.", f"Delete {place.environment} and start again."
    damaged = damaged_packages(folder)
    if damaged:
        return "WRONG", ".venv", f"Incomplete packages: {', '.join(damaged)}.", "Start again: they are installed anew."
    count = len(list(folder.glob("*.dist-info")))
    return "ok", ".venv", f"{place.environment} works and has {count} {'package' if count == 1 else 'packages'}.", ""

"""What only the system's package manager can install: the venv module on Debian, and Chromium for the browser tests."""

import ctypes
import importlib.util
import os
import shutil
import subprocess
import sys

from bootstrap.console import BootstrapError, clear_passing, say, say_passing

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM_PACKAGES = ("chromium", "fonts-dejavu-core", "libatomic1")
"""The browser, a font, and a library without which the driver of the browser does not start."""
DRIVER_LIBRARY = "libatomic.so.1"


def ensure_venv_module() -> None:
    """Make sure that this Python can make virtual environments with pip in them; Debian ships that part separately."""
    if _can_make_environments():
        return
    package = venv_package(sys.version_info[:2], os.path.realpath(sys.executable) == os.path.realpath("/usr/bin/python3"))
    if not shutil.which("apt-get"):
        raise BootstrapError(
            f"this Python ({sys.executable}) cannot make virtual environments: its venv or ensurepip module is missing",
            f"install them with your system's package manager (Debian calls the package {package}), then start again",
        )
    if not is_root():
        raise BootstrapError(
            f"this Python ({sys.executable}) cannot make virtual environments: Debian and Ubuntu ship that part separately",
            f"type:  sudo apt-get install {package}\nand start again",
        )
    say(f"This Python lacks ensurepip; installing {package} with apt-get.")
    apt_install([package])
    importlib.invalidate_caches()
    if not _can_make_environments():
        raise BootstrapError(f"ensurepip is still missing after {package} was installed", f"look at:  apt-get install {package}")


def ensure_chromium() -> None:
    """Install Chromium, and what its driver needs, for the browser tests where that is possible, else say what to install."""
    if any(shutil.which(name) for name in CHROMIUM_NAMES) and _has_driver_library():
        return
    if not shutil.which("apt-get"):
        say("Chromium or libatomic is missing, which the browser tests need: install them with your system's package manager.")
    elif not is_root():
        say("Chromium or a library of its driver is missing, which the browser tests need.")
        say(f"Type:  sudo apt-get install {' '.join(CHROMIUM_PACKAGES)}")
    else:
        say("Installing Chromium for the browser tests with apt-get.")
        apt_install(list(CHROMIUM_PACKAGES))


def _has_driver_library() -> bool:
    """False on a Linux without it; other systems have it inside the driver."""
    if not sys.platform.startswith("linux"):
        return True
    try:
        ctypes.CDLL(DRIVER_LIBRARY)
    except OSError:
        return False
    return True


def venv_package(version: tuple[int, int], is_system_python: bool) -> str:
    """Debian's package with the venv module for an interpreter."""
    return "python3-venv" if is_system_python else f"python{version[0]}.{version[1]}-venv"


def is_root() -> bool:
    """Whether packages may be installed for the whole system."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def apt_install(packages: list[str]) -> None:
    """Install Debian packages; the package lists are fetched first when they lack them."""
    install = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    if _apt(install)[0] == 0:
        return
    _apt(["apt-get", "update"])
    code, last_lines = _apt(install)
    if code != 0:
        raise BootstrapError(
            f"apt-get could not install {' '.join(packages)}:\n{last_lines}",
            f"type:  apt-get update && apt-get install {' '.join(packages)}\nand start again",
        )


def _apt(command: list[str]) -> tuple[int, str]:
    """Exit code and last lines of an apt-get run."""
    variables = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    lines: list[str] = []
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", env=variables
    ) as process:
        for line in process.stdout or ():
            lines = [*lines[-7:], line.rstrip()]
            say_passing(f"  {line.strip()}")
    clear_passing()
    return process.returncode, "\n".join(f"  {line}" for line in lines)


def _can_make_environments() -> bool:
    return all(importlib.util.find_spec(name) is not None for name in ("venv", "ensurepip"))

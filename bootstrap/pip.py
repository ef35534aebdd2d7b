"""Runs pip in the virtual environment: its chatter becomes a short progress report, its failures a sentence with a remedy."""

import os
import re
import subprocess
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from bootstrap.console import BootstrapError, clear_passing, say, say_passing

PIP = "pip==26.3"
SHOWN_LINES = 8
LARGE_DOWNLOAD_MB = 20.0

_DOWNLOADING = re.compile(r"Downloading (?:\S*/)?([A-Za-z0-9_.]+?)-\d\S* \((\d+(?:\.\d+)?) (kB|MB|GB)\)")
_PROGRESS = re.compile(r"Progress (\d+) of (\d+)")
_INSTALLING = re.compile(r"Installing collected packages: (.+)")
_NO_NETWORK = (
    "NewConnectionError",
    "NameResolutionError",
    "ConnectTimeoutError",
    "ReadTimeoutError",
    "ProxyError",
    "IncompleteRead",
    "Temporary failure in name resolution",
    "getaddrinfo failed",
    "Connection refused",
    "Connection reset",
    "Network is unreachable",
    "Read timed out",
)
_UNSUPPORTED = (
    "use a 64-bit Python 3.11-3.14 on Linux (x86-64 or ARM), Windows (x86-64) or macOS 14 and newer (Apple silicon); delete .venv first"
)
_NO_SPACE = ("No space left on device", "Errno 28", "not enough space on the disk")
_NO_CERTIFICATE = ("CERTIFICATE_VERIFY_FAILED", "SSLError")
_NO_PERMISSION = ("Permission denied", "Errno 13", "Access is denied")
_NO_BUILD = ("No matching distribution found", "Could not find a version")


class Pip(NamedTuple):
    """The pip of one virtual environment."""

    python: Path
    log: Path
    """Takes pip's whole output."""
    lock: int
    """Descriptor of the install lock, which pip holds on should this process be killed."""


class PackageNotFoundError(BootstrapError):
    """No source that pip looked at has the package for this machine."""


class Progress:
    """Turns pip's lines into a short report: what is downloaded, how far it is, what is installed."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.doing = ""

    def follow(self, line: str) -> None:
        """Take in one line of pip's output."""
        download, installing, progress = _DOWNLOADING.search(line), _INSTALLING.match(line), _PROGRESS.match(line)
        if download:
            name, amount, unit = download.groups()
            self.doing = f"downloading {name} ({amount} {unit})"
            if _megabytes(float(amount), unit) >= LARGE_DOWNLOAD_MB:
                say(f"  {self.title}: {self.doing}")
        elif installing:
            count = len(installing[1].split(","))
            self.doing = f"installing {count} package{'s' if count > 1 else ''}"
            say(f"  {self.title}: {self.doing}")
        percent = f" {100 * int(progress[1]) // max(1, int(progress[2]))} %" if progress else ""
        if self.doing:
            say_passing(f"  {self.title}: {self.doing}{percent}")


def _megabytes(amount: float, unit: str) -> float:
    return amount * {"kB": 0.001, "MB": 1.0, "GB": 1000.0}[unit]


def pip_install(pip: Pip, arguments: Sequence[str], title: str) -> None:
    """Install packages into the virtual environment, reporting under ``title``.

    Raises PackageNotFoundError when no source has a package for this machine, BootstrapError for any other failure.
    """
    command = [str(pip.python), "-m", "pip", "install", "--no-input", "--disable-pip-version-check", *arguments]
    progress, kept = Progress(title), deque[str](maxlen=200)
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, encoding="utf-8", errors="replace", env=_variables(os.environ), pass_fds=() if os.name == "nt" else (pip.lock,),
    )  # fmt: skip
    try:
        with pip.log.open("a", encoding="utf-8") as log_file:
            log_file.write(f"\n$ {' '.join(command)}\n")
            for line in process.stdout or ():
                progress.follow(line)
                if not _PROGRESS.match(line):
                    log_file.write(line)
                    kept.append(line.rstrip())
        code = process.wait()
    finally:
        _end(process)
        clear_passing()
    if code != 0:
        raise failure(kept, pip.log)


def _end(process: "subprocess.Popen[str]") -> None:
    """Stop pip when this process has been told to stop."""
    if process.poll() is None:
        process.terminate()
        process.wait()


def _variables(variables: Mapping[str, str]) -> dict[str, str]:
    """The environment for pip: without what would send packages elsewhere than into .venv."""
    unwanted = {"PYTHONHOME", "PYTHONPATH", "PIP_TARGET", "PIP_PREFIX", "PIP_USER", "PIP_REQUIRE_HASHES", "PIP_DRY_RUN"}
    kept = {name: value for name, value in variables.items() if name not in unwanted}
    return {**kept, "PIP_USER": "0", "PYTHONUTF8": "1"}


def failure(lines: Iterable[str], log: Path) -> BootstrapError:
    """The error for a pip run that failed with these last lines."""
    output = "\n".join(lines)
    told = [line for line in output.splitlines() if line.startswith(("ERROR", "error"))] or output.splitlines()
    shown = "\n".join(f"  {line}" for line in told[-SHOWN_LINES:])
    what = f"pip could not install the packages. It said:\n{shown}\n(the rest is in {log})"
    for signs, remedy in (
        (_NO_SPACE, f"free some disk space on the drive of {log.parent} (10 GB is ample), then start again: it goes on where it stopped"),
        (_NO_CERTIFICATE, "let pip trust your network's certificate (set PIP_CERT to its file), then start again"),
        (_NO_NETWORK, "connect to the internet (behind a proxy set HTTPS_PROXY), then start again: it goes on where it stopped"),
        (_NO_PERMISSION, f"make {log.parent} yours, or delete it, then start again"),
    ):
        if any(sign in output for sign in signs):
            return BootstrapError(what, remedy)
    if any(sign in output for sign in _NO_BUILD):
        return PackageNotFoundError(what, _UNSUPPORTED)
    return BootstrapError(what, f"start again; if it fails the same way, {log} says why")

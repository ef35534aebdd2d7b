"""What ``doctor`` asks of the machine: Python, packages, PyTorch against the graphics card, memory, disk, folders, port."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import psutil

from app.cli.finding import Finding
from app.errors import UserError
from app.net import open_door, open_socket, page_address
from app.paths import Paths
from app.values.options import StartOptions
from bootstrap.machine import choose_build, this_machine

OLDEST, NEWEST = (3, 11), (3, 14)
GIB = 1 << 30
LITTLE_DISK, TIGHT_DISK = 1 * GIB, 5 * GIB
LITTLE_MEMORY = 4 * GIB
TORCH_QUESTION = "import torch; print(torch.__version__, torch.cuda.is_available() or torch.xpu.is_available())"
TORCH_TIMEOUT_S = 120
PING_TIMEOUT_S = 1
OF_CUDA_BUILDS = ("nvidia-", "cuda-", "triton", "pytorch-triton")
"""Packages that only some builds of PyTorch bring along."""
REINSTALL = "Run: python webui.py --reinstall-torch"


def check_python() -> Finding:
    """The version that runs this."""
    version = ".".join(map(str, sys.version_info[:3]))
    if OLDEST <= sys.version_info[:2] <= NEWEST:
        return Finding("ok", "Python", f"{version} ({sys.executable})")
    return Finding("wrong", "Python", f"{version} ({sys.executable}) is not supported.", "Use Python 3.11, 3.12, 3.13 or 3.14.")


def check_packages(root: Path) -> Iterator[Finding]:
    """The installed versions against the pinned ones."""
    missing: list[str] = []
    other: list[str] = []
    pins = read_pins(root / "requirements" / "runtime.txt")
    for name, version in pins.items():
        try:
            installed = metadata.version(name).partition("+")[0]
        except metadata.PackageNotFoundError:
            if not name.startswith(OF_CUDA_BUILDS):
                missing.append(name)
            continue
        if installed != version:
            other.append(f"{name} {installed} instead of {version}")
    if missing:
        yield Finding("wrong", "packages", f"Not installed: {', '.join(missing)}.", "Start with `python webui.py`, which installs them.")
    if other:
        remedy = "If something fails, start with `python webui.py`, which runs Paintbox with the versions it was tested with."
        yield Finding("note", "packages", f"Other versions than tested: {', '.join(other)}.", remedy)
    if not missing and not other:
        yield Finding("ok", "packages", f"All {len(pins)} have the pinned version.")


def read_pins(path: Path) -> dict[str, str]:
    """Name and version of every ``name==version`` line that applies here; an absent file gives none."""
    from packaging.requirements import InvalidRequirement, Requirement

    pins: dict[str, str] = {}
    for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else ():
        text = re.split(r"\s(?:#|\\)", line, maxsplit=1)[0].strip()
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            continue  # a comment, an option or a hash
        exact = [part.version for part in requirement.specifier if part.operator == "=="]
        if exact and (requirement.marker is None or requirement.marker.evaluate()):
            pins[requirement.name] = exact[0].partition("+")[0]
    return pins


def check_torch() -> Iterator[Finding]:
    """The PyTorch build against the graphics card, asked in a process of its own."""
    try:
        version = metadata.version("torch")
    except metadata.PackageNotFoundError:
        yield Finding("wrong", "PyTorch", "It is not installed.", "Start with `python webui.py`.")
        return
    wanted = choose_build(this_machine())
    build = version.partition("+")[2]
    try:
        done = subprocess.run([sys.executable, "-c", TORCH_QUESTION], capture_output=True, text=True, timeout=TORCH_TIMEOUT_S)
        answer, trouble = done.stdout.split(), done.stderr.strip().splitlines()
    except subprocess.TimeoutExpired:
        answer, trouble = [], [f"it did not answer within {TORCH_TIMEOUT_S} s"]
    if len(answer) != 2:
        yield Finding("wrong", "PyTorch", f"{version} does not work: {trouble[-1] if trouble else 'no answer'}", REINSTALL)
    elif wanted.name.startswith(("cu", "rocm")) and answer[1] != "True":
        if build.startswith(wanted.name[:2]):
            remedy = "Check the driver, and that this user may use the card."
            yield Finding("wrong", "PyTorch", f"{version} does not reach the graphics card ({wanted.why}).", remedy)
        else:
            yield Finding("wrong", "PyTorch", f"{version} cannot use the graphics card ({wanted.why}).", REINSTALL)
    else:
        yield Finding("ok", "PyTorch", f"{version}; {wanted.why}")


def check_memory() -> Iterator[Finding]:
    """The machine's memory."""
    total = psutil.virtual_memory().total
    if total < LITTLE_MEMORY:
        remedy = "Checkpoints of full size need about 4 GB; small ones work."
        yield Finding("note", "memory", f"{total / GIB:.1f} GB is little.", remedy)
    else:
        yield Finding("ok", "memory", f"{total / GIB:.1f} GB")


def check_folders(paths: Paths) -> Iterator[Finding]:
    """The user's folders exist or can be made, and can be written."""
    if not paths.data.is_dir():
        yield Finding("wrong", "folders", f"{paths.data} does not exist.", "Create it, or start without --data-dir.")
        return
    folders = (paths.data, paths.models, paths.outputs, paths.extensions, paths.cache, paths.spool)
    trouble = {folder: reason for folder in folders if (reason := _cannot_write(folder))}
    for folder, reason in trouble.items():
        yield Finding("wrong", "folders", f"{folder} cannot be written: {reason}.", f"Give this user the right: chown -R $USER {folder}")
    if not trouble:
        yield Finding("ok", "folders", f"{paths.data} and what is below it can be written.")


def _cannot_write(folder: Path) -> str:
    while not folder.exists():
        folder = folder.parent
    try:
        with tempfile.TemporaryFile(dir=folder):
            return ""
    except OSError as error:
        return error.strerror or str(error)


def check_disk(paths: Paths) -> Iterator[Finding]:
    """Free space where the user's files go."""
    free = shutil.disk_usage(paths.data).free
    text = f"{free / GIB:.1f} GB are free in {paths.data}."
    if free < LITTLE_DISK:
        yield Finding("wrong", "disk", text, "Make room, or move your files elsewhere with --data-dir.")
    elif free < TIGHT_DISK:
        yield Finding("note", "disk", text, "A checkpoint has 2 to 7 GB.")
    else:
        yield Finding("ok", "disk", text)


def check_port(options: StartOptions) -> Finding:
    """The port is free, or Paintbox itself answers there."""
    try:
        open_socket(options).close()
    except UserError as error:
        if _paintbox_answers(options):
            return Finding("ok", "port", f"Paintbox runs at {page_address(options)}.")
        return Finding("wrong", "port", error.what, error.hint)
    return Finding("ok", "port", f"{options.port} is free.")


def check_door(options: StartOptions) -> Iterator[Finding]:
    """A page that other machines can reach has a password."""
    if options.is_exposed and not options.secrets:
        yield Finding("note", "password", open_door(options), "Set a password: `--help` names the flags.")


def _paintbox_answers(options: StartOptions) -> bool:
    try:
        with urllib.request.urlopen(f"{page_address(options)}/internal/ping", timeout=PING_TIMEOUT_S) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError, ValueError):
        return False

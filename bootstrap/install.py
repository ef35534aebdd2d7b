"""Installs the pinned packages into .venv: what runs when a start finds that something is missing."""

import threading
import time
import tomllib
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from bootstrap.console import say
from bootstrap.environment import clear_damage, make_environment
from bootstrap.locking import only_one
from bootstrap.machine import Machine, TorchBuild, accelerator_sign, choose_build
from bootstrap.pip import PIP, PackageNotFoundError, Pip, pip_install
from bootstrap.place import Place
from bootstrap.stamp import Stamp, digest, python_tag, read_stamp, write_stamp

PROBE_SECONDS = 3.0
AGAIN = ("--force-reinstall", "--no-deps")
"""pip's words for installing a package although it seems to be there; what it needs comes with the rest."""
# pinned for the CUDA 13 build alone; the other builds name their own companions exactly
CUDA_13_COMPANIONS = ("nvidia-", "cuda-", "triton")


def install_runtime(place: Place, machine: Machine, *, fresh_torch: bool = False) -> None:
    """Install everything that Paintbox runs with; what is there already stays, save PyTorch when it is to be ``fresh_torch``."""
    with only_one(place.install_lock) as lock:
        build, tag = choose_build(machine), python_tag()
        if not fresh_torch and is_current(place, build, tag):
            _note(place, machine, build, tag)
            return
        started = time.monotonic()
        place.runtime_stamp.unlink(missing_ok=True)
        packages = make_environment(place, tag)
        _mend(packages)
        say(f"PyTorch build: {build.name}, because {build.why}.")
        requirements = direct_requirements(place.root / "pyproject.toml")
        torch = next(each for each in requirements if each.startswith("torch=="))
        pip = Pip(place.python, place.pip_log, lock)
        pip_install(pip, ["--progress-bar", "off", PIP], "[1/3] pip")
        if fresh_torch:
            _install_torch(pip, place, build, torch, AGAIN)
        elif not has_torch(packages, torch, build):
            _install_torch(pip, place, build, torch)
        pip_install(pip, [*_pinned(place, build), *requirements], "[3/3] the rest")
        _note(place, machine, build, tag)
        _report(packages, build, time.monotonic() - started)


def install_tests(place: Place) -> None:
    """Install what the tests and checks need besides the runtime packages."""
    with only_one(place.install_lock) as lock:
        tag = python_tag()
        if tests_are_current(place):
            return
        place.test_stamp.unlink(missing_ok=True)
        _mend(make_environment(place, tag))
        extras = direct_requirements(place.root / "pyproject.toml", extra="test")
        pip = Pip(place.python, place.pip_log, lock)
        pip_install(pip, ["--progress-bar", "raw", "-c", str(place.test_pins), *extras], "test packages")
        write_stamp(place.test_stamp, Stamp(digest(place.test_pins), tag, "", ""))


def is_current(place: Place, build: TorchBuild, tag: str) -> bool:
    """Whether a complete install of these pins for this Python and this build is there."""
    stamp = read_stamp(place.runtime_stamp)
    wanted = (digest(place.runtime_pins), tag, build.name)
    return stamp is not None and stamp[:3] == wanted


def tests_are_current(place: Place) -> bool:
    """Whether a complete install of the test packages is there."""
    stamp = read_stamp(place.test_stamp)
    return stamp is not None and stamp[:1] == (digest(place.test_pins),)


def direct_requirements(project: Path, extra: str = "") -> list[str]:
    """The packages that pyproject.toml asks for, or those of one of its extras."""
    declared = tomllib.loads(project.read_text(encoding="utf-8"))["project"]
    return list(declared["optional-dependencies"][extra] if extra else declared["dependencies"])


def pins_for(build: TorchBuild, pins: str) -> str:
    """The pinned packages without those that belong to another build of PyTorch than the one to install."""
    if build.name in ("cu130", "cpu", "mps"):
        return pins
    return "".join(line for line in pins.splitlines(keepends=True) if not line.startswith(CUDA_13_COMPANIONS))


def has_torch(packages: Path, torch: str, build: TorchBuild) -> bool:
    """Whether this very build of PyTorch is in a package folder already."""
    return (packages / f"{torch.replace('==', '-')}+{build.name}.dist-info").is_dir()


def torch_attempts(build: TorchBuild, torch: str, index_answers: bool) -> list[list[str]]:
    """What to ask pip for, one after the other, until one is found: the build from its own index, then the same version from anywhere."""
    if not build.index_url or not index_answers:
        return [[torch]]
    if build.is_users_choice:
        # the same version from elsewhere may be there already; which build that is cannot be seen
        return [["--extra-index-url", build.index_url, *AGAIN, torch], [torch]]
    return [["--extra-index-url", build.index_url, f"{torch}+{build.name}"], [torch]]


def answers(url: str) -> bool:
    """Whether a package index can be reached; asks for at most PROBE_SECONDS, name look-up included."""
    answered: list[bool] = []

    def ask() -> None:
        try:
            with urllib.request.urlopen(urllib.request.Request(url, method="HEAD"), timeout=PROBE_SECONDS):
                answered.append(True)
        except (OSError, ValueError):
            answered.append(False)

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(PROBE_SECONDS)
    return answered == [True]


def _install_torch(pip: Pip, place: Place, build: TorchBuild, torch: str, options: Sequence[str] = ()) -> None:
    index_answers = bool(build.index_url) and answers(f"{build.index_url.rstrip('/')}/torch/")
    if build.index_url and not index_answers:
        say(f"{build.index_url} does not answer; asking pip's own sources for {torch} ({_plain_build(build)}).")
    # where its own index is out of reach, a CUDA or ROCm build gives way to PyPI's, which is made for CUDA 13
    pinned = _pinned(place, build if index_answers else build._replace(name="cu130"))
    attempts = torch_attempts(build, torch, index_answers)
    for attempt in attempts:
        try:
            pip_install(pip, [*pinned, *options, *attempt], f"[2/3] {attempt[-1]}")
            return
        except PackageNotFoundError:
            if attempt is attempts[-1]:
                raise
            say(f"{build.index_url} has no {attempt[-1]} for this Python; asking pip's own sources for {torch}.")


def _plain_build(build: TorchBuild) -> str:
    if build.name == "cpu":
        return "PyPI has the CUDA 13 build, several GB large, which runs on the CPU too"
    return "PyPI has the CUDA 13 build for Linux and the CPU build for Windows"


def _pinned(place: Place, build: TorchBuild) -> list[str]:
    """pip's arguments that hold every package at its pin."""
    path = place.environment / "paintbox-pins.txt"
    path.write_text(pins_for(build, place.runtime_pins.read_text(encoding="utf-8")), encoding="utf-8")
    return ["--progress-bar", "raw", "-c", str(path)]


def _mend(packages: Path) -> None:
    damaged = clear_damage(packages)
    if damaged:
        say(f"Left incomplete by an interrupted install, installing again: {', '.join(damaged)}.")


def _note(place: Place, machine: Machine, build: TorchBuild, tag: str) -> None:
    write_stamp(place.runtime_stamp, Stamp(digest(place.runtime_pins), tag, build.name, accelerator_sign(machine)))


def _report(packages: Path, build: TorchBuild, seconds: float) -> None:
    torch = [info.name.removesuffix(".dist-info").replace("-", " ") for info in packages.glob("torch-*.dist-info")]
    count = len(list(packages.glob("*.dist-info")))
    say(f"Installed {count} packages, {' '.join(torch)} among them, in {int(seconds // 60)} min {int(seconds % 60)} s.")
    if build.name.startswith(("cu", "rocm")) and any(name.endswith("+cpu") for name in torch):
        say(f"The {build.name} build could not be had, so pictures are drawn on the CPU. Start with --reinstall-torch to try again.")

"""Decides what a start has to do: nothing, install, or install for the tests; then becomes Paintbox."""

import os
import signal
import subprocess
from collections.abc import Mapping, MutableMapping, Sequence
from pathlib import Path

from bootstrap.console import BootstrapError, complain, say
from bootstrap.first_help import asks_for_help, first_help
from bootstrap.launch import launch
from bootstrap.machine import USERS_INDEX, Machine, accelerator_sign, this_machine
from bootstrap.place import CALLED_FROM, Place
from bootstrap.stamp import digest, python_tag, read_stamp

REINSTALL = "--reinstall-torch"
MOST_TEST_PROCESSES = 4
"""Each may need 4 GiB for a full-size checkpoint."""
UNUSED_VARIABLES = {
    "VENV_DIR": "the packages are in .venv",
    "TORCH_COMMAND": "the build of PyTorch is chosen by itself; TORCH_INDEX_URL names another source of it",
    "INDEX_URL": "pip's own PIP_INDEX_URL names another source of packages",
    "REQS_FILE": "requirements/runtime.txt lists what is installed",
}
"""Variables of A1111's start scripts that mean nothing here, and why."""


def start(arguments: Sequence[str]) -> int:
    """Install what is missing, then run Paintbox (or its tests) with ``arguments``; return the exit code."""
    place, machine = Place(Path(__file__).resolve().parent.parent), this_machine()
    os.environ.setdefault(CALLED_FROM, os.getcwd())
    os.chdir(place.root)
    # a plain kill would leave pip running; this way it ends as on Ctrl-C
    signal.signal(signal.SIGTERM, _stop)
    for line in unused_variables(os.environ):
        say(line)
    try:
        if asks_for_help(arguments) and needs_install(place, machine):
            say(first_help(place))
            return 0
        if arguments[:1] == ["test"]:
            return _run(place, machine, test_command(arguments[1:], os.environ), for_tests=True)
        return _run(place, machine, ["-m", "app", *arguments], fresh_torch=asks_for_reinstall(arguments, os.environ))
    except BootstrapError as error:
        return _give_up(place, machine, error, arguments)
    except OSError as error:
        remedy = f"make sure that {place.root} is a complete checkout, is yours to write to and has space left, then start again"
        return _give_up(place, machine, BootstrapError(f"{error.filename or place.root}: {error.strerror or error}", remedy), arguments)
    except KeyboardInterrupt:
        say("Stopped. The next start goes on from here.")
        return 130


def asks_for_reinstall(arguments: Sequence[str], variables: Mapping[str, str]) -> bool:
    """Whether A1111's flag that installs PyTorch anew is given, on the command line or in COMMANDLINE_ARGS."""
    return REINSTALL in arguments or REINSTALL in variables.get("COMMANDLINE_ARGS", "").split()


def test_command(arguments: Sequence[str], variables: MutableMapping[str, str]) -> list[str]:
    """The tests, a file at a time on every core; each of the processes computes with its share of the threads.

    With an own ``-n`` in the arguments, as with ``-n 0`` for a debugger, that counts.
    """
    if any(argument.startswith(("-n", "--numprocesses")) for argument in arguments):
        return ["-m", "pytest", *arguments]
    cores = os.cpu_count() or 1
    processes = min(cores, MOST_TEST_PROCESSES)
    variables.setdefault("OMP_NUM_THREADS", str(max(1, cores // processes)))
    return ["-m", "pytest", "-n", str(processes), "--dist", "loadfile", *arguments]


def unused_variables(variables: Mapping[str, str]) -> list[str]:
    """A line for each of A1111's variables that is set and has no effect."""
    return [f"{name} has no effect: {why}." for name, why in UNUSED_VARIABLES.items() if variables.get(name)]


def needs_install(place: Place, machine: Machine) -> bool:
    """Whether anything is missing; looks at files only, so that a start with nothing to do loses no time."""
    stamp = read_stamp(place.runtime_stamp)
    if stamp is None or stamp.pins != digest(place.runtime_pins) or not os.access(place.python, os.X_OK):
        return True
    if stamp.python != python_tag() and not _runs_as(place, stamp.python):
        return True
    # an accelerator that is gone is no reason to install anything: its build runs on the CPU as well
    sign = accelerator_sign(machine)
    chosen_once = stamp.build.startswith(USERS_INDEX) and not sign.startswith(USERS_INDEX)
    return sign not in ("", stamp.machine) and not chosen_once


def _runs_as(place: Place, tag: str) -> bool:
    """Whether .venv has a working Python of this version, though another one runs this start."""
    question = "import sys; print(sys.implementation.cache_tag + getattr(sys, 'abiflags', ''))"
    try:
        answer = subprocess.run([str(place.python), "-c", question], capture_output=True, text=True, timeout=60, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return False
    return answer.strip() == tag


def _give_up(place: Place, machine: Machine, error: BootstrapError, arguments: Sequence[str]) -> int:
    """Say why there is no start; ``doctor`` answers with a screen all the same."""
    if arguments[:1] == ["doctor"]:
        from bootstrap.first_aid import first_aid

        say(first_aid(place, machine, error))
    else:
        complain(error)
    return 1


def _run(place: Place, machine: Machine, command: list[str], *, for_tests: bool = False, fresh_torch: bool = False) -> int:
    _prepare(place, machine, for_tests, fresh_torch)
    try:
        return launch([str(place.python), *command])
    except OSError:
        # the file is there, yet it is no program for this machine
        place.runtime_stamp.unlink(missing_ok=True)
        _prepare(place, machine, for_tests, fresh_torch=False)
        return launch([str(place.python), *command])


def _stop(*_: object) -> None:
    raise KeyboardInterrupt


def _prepare(place: Place, machine: Machine, for_tests: bool, fresh_torch: bool) -> None:
    if fresh_torch or needs_install(place, machine):
        from bootstrap.install import install_runtime

        install_runtime(place, machine, fresh_torch=fresh_torch)
    if for_tests:
        from bootstrap.install import install_tests, tests_are_current
        from bootstrap.system_packages import ensure_chromium

        if not tests_are_current(place):
            install_tests(place)
        ensure_chromium()

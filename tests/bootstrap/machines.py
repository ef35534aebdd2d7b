"""Made-up machines for the tests of what the bootstrap chooses."""

from collections.abc import Sequence

from bootstrap.machine import Machine


def machine(system="linux", architecture="x86_64", *, variables=None, files=None, programs=None) -> Machine:
    """A machine with these environment variables, files (path: text) and programs (name: what it prints)."""
    files, programs = files or {}, programs or {}

    def output_of(command: Sequence[str]) -> str:
        return programs.get(command[0], "")

    return Machine(system, architecture, variables or {}, files.__contains__, lambda path: files.get(path, ""), output_of)


def with_nvidia(listing: str, **more) -> Machine:
    """A machine whose nvidia-smi prints ``listing``."""
    return machine(programs={"nvidia-smi": listing}, **more)

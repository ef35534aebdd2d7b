"""``doctor``: one screen that says what is wrong with this installation, each line with its remedy."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence

from app.cli.check_contents import check_config, check_extensions, check_journal, check_models
from app.cli.check_machine import (
    check_disk,
    check_door,
    check_folders,
    check_memory,
    check_packages,
    check_port,
    check_python,
    check_torch,
)
from app.cli.finding import Finding
from app.cli.parse import parse_command_line
from app.cli.rehearse import rehearse
from app.errors import UserError
from app.host import build_host
from app.logs import console_log
from app.paths import make_paths
from app.values.options import StartOptions
from app.version import HOST_VERSION

SIGNS = {"ok": "ok   ", "note": "note ", "wrong": "WRONG"}


def doctor(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Look at everything; exit code 1 when something is wrong. Takes the flags of a start, to look at the same folders and port."""
    line = parse_command_line(arguments, environment)
    write = sys.stdout.write
    write(f"Paintbox {HOST_VERSION} in {make_paths(line.options).root}\n")
    wrong = 0
    with console_log("CRITICAL", line.options.secrets):
        for finding in examine(line.options, environment):
            wrong += finding.verdict == "wrong"
            first, *more = finding.text.splitlines() or [""]
            write(f"  {SIGNS[finding.verdict]} {finding.subject:<12} {first}\n" + "".join(f"{'':<21}{line}\n" for line in more))
            if finding.remedy:
                write(f"        {'':<12} -> {finding.remedy}\n")
    write("Nothing is wrong.\n" if not wrong else f"{wrong} {'thing is' if wrong == 1 else 'things are'} wrong.\n")
    return 1 if wrong else 0


def examine(options: StartOptions, environment: Mapping[str, str]) -> Iterator[Finding]:
    """Every finding, as soon as it is known."""
    paths = make_paths(options)
    yield check_python()
    yield from check_packages(paths.root)
    yield from check_torch()
    yield from check_memory()
    yield from check_folders(paths)
    if not paths.data.is_dir():
        return
    yield from check_disk(paths)
    yield check_port(options)
    yield from check_door(options)
    yield from check_journal(paths)
    try:
        host = build_host(options, "web", environment=environment, read_only=True)
        rehearse(host)
    except UserError as error:
        yield Finding("wrong", "start", error.what, error.hint)
        return
    yield from check_config(host)
    yield from check_extensions(host)
    yield from check_models(host)

"""``extensions bisect``: halves the set of extensions until one is left whose presence makes a command fail."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from app.cli.parse import parse_command_line
from app.errors import UserError
from app.host import build_host
from app.loader import ONLY_EXTENSIONS
from app.logs import console_log
from app.paths import called_from

Fails = Callable[[Sequence[str]], bool]


@dataclass(frozen=True)
class Verdict:
    """``culprit`` is empty when no single extension is to blame; ``sentence`` says what was found."""

    culprit: str
    sentence: str


def bisect(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """``bisect [flags] -- COMMAND``; exit code 0 when a culprit was found. Raises UserError."""
    if "--" not in arguments or arguments[-1] == "--":
        raise UserError("The command to try is missing.", hint="Write: extensions bisect -- python webui.py test")
    split = list(arguments).index("--")
    line, command = parse_command_line(arguments[:split], environment), list(arguments[split + 1 :])
    folder = called_from(environment)
    with console_log("CRITICAL"):
        host = build_host(line.options, "worker", environment=environment)
    active = [report for report in host.extensions if host.extensions.is_active(report.id)]

    def fails(allowed: Sequence[str]) -> bool:
        done = subprocess.run(command, cwd=folder, env={**environment, ONLY_EXTENSIONS: ",".join(allowed)}, capture_output=True)
        sys.stdout.write(f"{len(allowed):3} extensions: {'fails' if done.returncode else 'works'}\n")
        return done.returncode != 0

    verdict = find_culprit([r.id for r in active if r.is_builtin], [r.id for r in active if not r.is_builtin], fails)
    sys.stdout.write(f"{verdict.sentence}\n")
    return 0 if verdict.culprit else 1


def find_culprit(builtin: Sequence[str], users: Sequence[str], fails: Fails) -> Verdict:
    """Ask ``fails`` with ever smaller sets; both lists are in load order, so that every first part of them has what it requires."""
    everything = [*builtin, *users]
    if not fails(everything):
        return Verdict("", "The command works with all extensions: there is nothing to find.")
    if not users or fails(builtin):
        if fails([]):
            return Verdict("", "The command fails without any extension too: no extension is to blame.")
        culprit = _first_that_breaks([], builtin, fails)
    else:
        culprit = _first_that_breaks(builtin, users, fails)
    return Verdict(culprit, f"The culprit is {culprit!r}: without it the command works, with it it fails.")


def _first_that_breaks(base: Sequence[str], candidates: Sequence[str], fails: Fails) -> str:
    """``base`` alone works, ``base`` with all candidates fails: the candidate that makes the difference, in log2(n) questions."""
    works, broken = 0, len(candidates)
    while broken - works > 1:
        middle = (works + broken) // 2
        if fails([*base, *candidates[:middle]]):
            broken = middle
        else:
            works = middle
    return candidates[broken - 1]

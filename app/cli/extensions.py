"""``extensions``: what is installed, what is wrong with it, changing it, a new one, and finding a culprit."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing

from app.cli.bisect import bisect
from app.cli.extension_changes import CHANGES, change_extensions
from app.cli.new_extension import new_extension
from app.cli.parse import parse_command_line
from app.cli.rehearse import rehearse
from app.errors import UserError
from app.extension_report import ExtensionReport, ExtensionState
from app.host import Host, build_host
from app.logs import console_log

SHOWING = ("list", "info")
"""Actions that put the page together first, so that they can say what fails there."""
HELP = {"--help", "-h"}
USAGE = """extensions [list]                   every extension and its state, with the traceback of those that failed
extensions info ID                  all about one, with the traceback of its failure
extensions check [ID ...]           run the conformance checks on these, or on all
extensions enable ID | disable ID   from the next start on
extensions plan WHAT                what an install would do; WHAT: https address of a git repository, archive, or ID for its packages
extensions install WHAT [--yes]     the same, and after your consent the install (--branch B for a repository)
extensions update ID [--yes]        the newest state of an extension that came from a repository
extensions remove ID                take an extension out; a restore brings it back
extensions snapshots                what was installed and set before each change
extensions snapshot NAME            take one now
extensions restore SNAPSHOT [extensions|webui|both]   go back, also when the page does not start
extensions new ID                   write a working extension with a test into the extensions folder
extensions bisect -- COMMAND        find the extension whose presence makes COMMAND fail
"""


def extensions(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run one of the actions; flags of a start (--data-dir ...) may follow. Raises UserError."""
    if HELP & set(arguments[: arguments.index("--")] if "--" in arguments else arguments):
        sys.stdout.write(f"{USAGE}\nFlags of a start (--data-dir ...) may follow.\n")
        return 0
    action, *rest = arguments if arguments[:1] and not arguments[0].startswith("--") else ["list", *arguments]
    if action == "bisect":
        return bisect(rest, environment)
    if action in CHANGES:
        return change_extensions(action, rest, environment)
    names = _names(rest)
    flags = rest[len(names) :]
    if action not in ACTIONS:
        sys.stdout.write(USAGE)
        return 0 if action == "help" else 2
    line = parse_command_line(flags, environment)
    with console_log("CRITICAL", line.options.secrets):
        host = build_host(line.options, "web", environment=environment)
        with closing(host):
            if action in SHOWING:
                rehearse(host)
            return ACTIONS[action](host, names)


def _names(words: Sequence[str]) -> list[str]:
    """The words before the first flag."""
    first = next((place for place, word in enumerate(words) if word.startswith("-")), len(words))
    return list(words[:first])


def _one(names: Sequence[str]) -> str:
    if len(names) != 1:
        raise UserError("Name one extension.", hint="`python webui.py extensions list` shows their ids.")
    return names[0]


def _list(host: Host, names: Sequence[str]) -> int:
    """One line each; exit code 1 when one failed, wholly or in part."""
    write = sys.stdout.write
    width = max((len(report.id) for report in host.extensions), default=0)
    for report in host.extensions:
        origin = "built-in" if report.is_builtin else "user"
        time = f"{report.load_time_s * 1000:.0f} ms" if report.state is ExtensionState.ACTIVE else ""
        write(f"{report.id:<{width}}  {report.version:<8} {origin:<9} {report.state.value:<14} {time}\n")
        if report.error:
            write(textwrap.fill(report.error, 100, initial_indent=" " * (width + 2), subsequent_indent=" " * (width + 2)) + "\n")
        write(textwrap.indent(report.traceback, " " * (width + 4)))
        for failure in report.failures:
            write(f"{'':<{width}}  failed in {failure.where}: {failure.error}\n{textwrap.indent(failure.traceback, ' ' * (width + 4))}")
        for warning in report.warnings:
            write(f"{'':<{width}}  warning: {warning}\n")
    return 1 if host.extensions.failed() or any(report.failures for report in host.extensions) else 0


def _info(host: Host, names: Sequence[str]) -> int:
    """Everything about one extension."""
    report = host.extensions.get(_one(names))
    for label, text in _facts(report):
        if text:
            sys.stdout.write(f"{label:<12} {text}\n")
    if report.traceback:
        sys.stdout.write(f"\n{report.traceback}")
    for failure in report.failures:
        sys.stdout.write(f"\nfailed in {failure.where}: {failure.error}\n{failure.traceback}")
    return 0


def _facts(report: ExtensionReport) -> list[tuple[str, str]]:
    return [
        ("id", report.id),
        ("title", report.title),
        ("version", report.version),
        ("about", report.description),
        ("origin", "built-in" if report.is_builtin else "user"),
        ("folder", str(report.folder or "")),
        ("requires", ", ".join(report.requires)),
        ("state", report.state.value),
        ("reason", report.error),
        ("hooks", ", ".join(report.hooks)),
        ("warnings", " ".join(report.warnings)),
        ("load time", f"{report.load_time_s * 1000:.0f} ms"),
    ]


def _check(host: Host, names: Sequence[str]) -> int:
    """Run the conformance checks; exit code 1 when one fails."""
    from app.cli.check_extension import check_folder

    ours = [report for report in host.extensions if report.state is not ExtensionState.FOREIGN]
    reports = [host.extensions.get(name) for name in names] or ours
    failed = [check_folder(report.folder) for report in reports if report.folder is not None]
    return 1 if any(failed) else 0


def _new(host: Host, names: Sequence[str]) -> int:
    folder = new_extension(_one(names), host.paths.extensions, {report.id for report in host.extensions})
    sys.stdout.write(
        f"Written: {folder}\nTry its test: python3 webui.py test -p app.testing.plugin {folder}\nIt is in use from the next start on.\n"
    )
    return 0


ACTIONS: Mapping[str, Callable[[Host, Sequence[str]], int]] = {
    "list": _list,
    "info": _info,
    "check": _check,
    "new": _new,
}

"""``texts``: the texts of the page and of the extensions as JSON, ready to be translated, and what a table of translations lacks."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing

from app.cli.parse import parse_command_line
from app.errors import UserError
from app.host import Host, build_host
from app.localizations import localization_folders, read_localization
from app.logs import console_log

USAGE = """texts                     every text, with the place where it is found
texts --missing NAME      the texts that the table NAME lacks, as a table to be filled; exit code 1 when there are some
texts --unused NAME       the keys of the table NAME that are no text of Paintbox or of an active extension any more
With --errors the sentences of errors and notes as well. A table is localizations/NAME.json of an extension or of the data folder.
"""
ACTIONS = ("--missing", "--unused")


def texts(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Print what is asked for; flags of a start (--data-dir ...) may follow. Raises UserError."""
    words = list(arguments)
    if words[:1] in (["help"], ["-h"], ["--help"]):
        sys.stdout.write(USAGE)
        return 0
    errors = "--errors" in words or "--unused" in words
    words = [word for word in words if word != "--errors"]
    action, name = _action(words)
    line = parse_command_line(words[2:] if action else words, environment)
    with console_log("CRITICAL", line.options.secrets), closing(build_host(line.options, "web", environment=environment)) as host:
        found = _collected(host, errors)
        known = read_localization(name, localization_folders(host)).texts if action else {}
    if action == "--missing":
        _print({text: "" for text in found if text not in known})
        return int(any(text not in known for text in found))
    _print({key: text for key, text in known.items() if key not in found} if action else found)
    return 0


def _action(words: Sequence[str]) -> tuple[str, str]:
    if not words or words[0] not in ACTIONS:
        return "", ""
    if len(words) < 2 or words[1].startswith("-"):
        raise UserError(f"{words[0]} needs the name of a table.", hint="Write: texts --missing zh_CN")
    return words[0], words[1]


def _collected(host: Host, errors: bool) -> dict[str, str]:
    from app.web.texts.collect import collect_texts  # it draws the page, and gradio takes a second or two to import

    with host.rehearsing():
        return collect_texts(host, errors=errors)


def _print(table: Mapping[str, str]) -> None:
    sys.stdout.write(json.dumps(table, indent=1, ensure_ascii=False) + "\n")

"""From the words of the command line to StartOptions."""

from __future__ import annotations

import argparse
import difflib
import os
import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from app.cli.flags import read_a1111_flags
from app.cli.parser import EXTENSION_FLAG, REFUSED_FLAG, UNNEEDED_FLAG, Parser, absolute, declared_flags, make_parser
from app.errors import UserError
from app.paths import CHECKOUT, called_from, make_paths
from app.values.base import Json
from app.values.options import StartOptions

API_ONLY_PORT = 7861
CPU_PARTS = frozenset({"all", "sd"})
"""Parts that --use-cpu moves to the processor; A1111 has more, and these two are all there is to move here."""


@dataclass(frozen=True)
class CommandLine:
    """``notes`` are sentences about flags without effect; ``secret_owners`` names the extension that each secret flag is for."""

    options: StartOptions
    notes: tuple[str, ...] = ()
    secret_owners: Mapping[str, str] = field(default_factory=dict)


def parse_command_line(arguments: Sequence[str], environment: Mapping[str, str], root: Path = CHECKOUT) -> CommandLine:
    """Parse all flags; raises UserError that names the flag and the nearest known one.

    Relative paths that are typed start where the user is, those of COMMANDLINE_ARGS at the working folder, which is the checkout.
    """
    parts = [(words_of_environment(environment), Path.cwd()), (arguments, called_from(environment))]
    declared = declared_flags(make_paths(StartOptions(data_dir=_data_dir(parts)), root))
    known, unknown = argparse.Namespace(), list[str]()
    for words, folder in parts:
        parser, names = make_parser(declared, folder)
        unknown += parser.parse_known_args(list(words), known)[1]
    given = {name: value for name, value in vars(known).items() if value is not None}
    notes = [*_answer_unused(given), *_answer_parts(given.get("use_cpu", ()))]
    if unknown:
        notes += _answer_unknown(unknown, names, ignore="IGNORE_CMD_ARGS_ERRORS" in environment)
    flags = {name: given[EXTENSION_FLAG + name] for name in declared if EXTENSION_FLAG + name in given}
    secret = {name: owner for name, (owner, flag) in declared.items() if flag.secret and name in flags}
    fields = {name: value for name, value in given.items() if name in StartOptions.model_fields}
    return CommandLine(_options(fields, given, flags, _secrets(flags[name] for name in secret)), tuple(notes), secret)


def words_of_environment(environment: Mapping[str, str]) -> list[str]:
    """The words of the environment variable COMMANDLINE_ARGS; they are read first, so that what is typed wins."""
    text = environment.get("COMMANDLINE_ARGS", "")
    try:
        given = shlex.split(text, posix=os.name != "nt")
    except ValueError as error:
        raise UserError(f"COMMANDLINE_ARGS cannot be read ({error}): {text}", hint="Close the quotation marks.") from error
    if os.name == "nt":
        given = [word.strip('"') for word in given]
    return given


def _data_dir(parts: Iterable[tuple[Sequence[str], Path]]) -> str:
    early = Parser(add_help=False, allow_abbrev=False)
    early.add_argument("--data-dir", default="")
    found = ""
    for words, folder in parts:
        text = str(early.parse_known_args(list(words))[0].data_dir)
        found = absolute(folder, text) if text else found
    return found


def _options(fields: dict[str, Any], given: Mapping[str, Any], flags: dict[str, Json], secrets: tuple[str, ...]) -> StartOptions:
    if "nowebui" in fields:
        fields.setdefault("port", API_ONLY_PORT)
    if fields.get("precision") == "autocast":
        fields["precision"] = "auto"
    if given.get("no_half"):
        fields["precision"] = "full"
    if fields.get("device", "").isdecimal():
        fields["device"] = f"cuda:{fields['device']}"
    if CPU_PARTS & set(given.get("use_cpu", ())):
        fields["device"] = "cpu"
    if not 0 < fields.get("port", 1) < 65536:
        raise UserError(f"Command line: --port {fields['port']} is not a port.", hint="Ports go from 1 to 65535.")
    try:
        return StartOptions.model_validate({**fields, "flags": flags, "settings": _settings(given.get("set", ())), "secrets": secrets})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise UserError(f"Command line: {first['loc'][0]}: {first['msg']}.") from error


def _settings(pairs: Iterable[str]) -> dict[str, Json]:
    """Texts of ``--set KEY=VALUE``; Settings reads them by the type of the setting."""
    settings: dict[str, Json] = {}
    for pair in pairs:
        key, equals, text = pair.partition("=")
        if not equals or not key:
            raise UserError(f"Command line: --set {pair!r} is not KEY=VALUE.")
        settings[key] = text
    return settings


def _secrets(values: Iterable[Json]) -> tuple[str, ...]:
    """Every text that the log must not show: the whole value, each user's part of it, and the password alone."""
    found: set[str] = set()
    for value in values:
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str):
                users = [user.strip() for user in re.split("[,\n]", text)]
                found.update([text, *users, *(user.partition(":")[2] for user in users)])
    return tuple(sorted(found - {""}))


def _answer_unused(given: Mapping[str, Any]) -> list[str]:
    for name in given:
        if name.startswith(REFUSED_FLAG):
            option = name.removeprefix(REFUSED_FLAG)
            why = next(entry.why for entry in read_a1111_flags()[1] if f"--{entry.name}" == option)
            raise UserError(f"{option} is not available.", hint=why)
    reasons = {f"--{flag.name}": flag.why for flag in read_a1111_flags()[0]}
    options = [name.removeprefix(UNNEEDED_FLAG) for name in given if name.startswith(UNNEEDED_FLAG)]
    return [f"{option} has no effect: {reasons[option]}." for option in options]


def _answer_parts(parts: Iterable[str]) -> list[str]:
    """What --use-cpu names beside the parts that can be moved."""
    return [
        f"--use-cpu {part} has no effect: only `all` moves the computation to the processor." for part in parts if part not in CPU_PARTS
    ]


def _answer_unknown(unknown: Sequence[str], names: Sequence[str], *, ignore: bool) -> list[str]:
    word = next((word for word in unknown if word.startswith("-")), unknown[0])
    if ignore:
        return [f"{word} is unknown and ignored (IGNORE_CMD_ARGS_ERRORS)."]
    if not word.startswith("-"):
        raise UserError(f"Command line: {word!r} is neither a command nor a flag.", hint="`python webui.py --help` lists both.")
    near = difflib.get_close_matches(word.partition("=")[0], names, n=1, cutoff=0.5)
    hint = f"Did you mean {near[0]}?" if near else "`python webui.py --help` lists the flags."
    raise UserError(f"There is no flag {word}.", hint=hint)

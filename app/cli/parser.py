"""The parser of the flags: the host's, the extensions', and A1111's that Paintbox does not use."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from app.cli.flags import HOST_FLAGS, Flag, read_a1111_flags
from app.errors import UserError
from app.manifest import FlagDeclaration, read_manifest
from app.paths import Paths

EXTENSION_FLAG = "extension "
"""Prefix of the destination of a flag that an extension declares."""
UNNEEDED_FLAG = "unneeded "
REFUSED_FLAG = "refused "


DESCRIPTION = "Start Paintbox; its page is at http://127.0.0.1:7860."
EPILOG = "Commands instead of starting: doctor (what is wrong here), extensions (install, restore, bisect ...), generate, docs, texts."


class Parser(argparse.ArgumentParser):
    """argparse that raises UserError instead of ending the program."""

    def error(self, message: str) -> NoReturn:
        """Complain as every other part does."""
        raise UserError(f"Command line: {message}.", hint="`python webui.py --help` lists the flags.")


def declared_flags(paths: Paths) -> dict[str, tuple[str, FlagDeclaration]]:
    """Flags that extensions declare, with the extension's id; of two with one name the first counts, and the host's come before all."""
    own = {flag.name for flag in HOST_FLAGS}
    found: dict[str, tuple[str, FlagDeclaration]] = {}
    for parent in dict.fromkeys((paths.builtin_extensions, paths.extensions)):
        for manifest_file in sorted(parent.glob("*/pyproject.toml")):
            try:
                manifest = read_manifest(manifest_file.parent)
            except UserError:
                continue  # the loader names it
            for flag in manifest.flags:
                if flag.name not in own:
                    found.setdefault(flag.name, (manifest.id, flag))
    return found


def make_parser(declared: Mapping[str, tuple[str, FlagDeclaration]], folder: Path) -> tuple[Parser, list[str]]:
    """The parser and the names of all flags that it knows; relative paths start at ``folder``."""
    parser = Parser(prog="webui.py", allow_abbrev=False, description=DESCRIPTION, epilog=EPILOG)
    names = {"--set", "--use-cpu"}
    host = parser.add_argument_group("host")
    for flag in HOST_FLAGS:
        names.add(f"--{flag.name}")
        _add_host_flag(host, flag, folder)
    host.add_argument("--set", action="append", metavar="KEY=VALUE", help="a setting for this run; wins over config.json")
    host.add_argument("--use-cpu", nargs="+", metavar="PART", help="all: compute on the processor although there is a graphics card")
    features = parser.add_argument_group("extensions")
    for name, (_, declaration) in declared.items():
        options = [f"--{option}" for option in (name, *declaration.aliases) if f"--{option}" not in names]
        names.update(options)
        _add_extension_flag(features, options, declaration, folder)
    _add_a1111_flags(parser, names)
    return parser, sorted(names)


def _add_host_flag(group: argparse._ArgumentGroup, flag: Flag, folder: Path) -> None:
    option = f"--{flag.name}"
    if flag.kind == "switch":
        group.add_argument(option, dest=flag.target, action="store_const", const=flag.constant, help=flag.help)
    elif flag.choices:
        group.add_argument(option, dest=flag.target, choices=flag.choices, help=flag.help)
    else:
        action = "append" if flag.repeat else "store"
        kind, metavar = _type_of(flag.kind, folder), _metavar(flag.kind)
        group.add_argument(option, dest=flag.target, action=action, type=kind, metavar=metavar, help=flag.help)


def _add_extension_flag(group: argparse._ArgumentGroup, options: list[str], flag: FlagDeclaration, folder: Path) -> None:
    destination = EXTENSION_FLAG + flag.name
    if not options:
        return
    if flag.kind == "switch":
        group.add_argument(*options, dest=destination, action="store_const", const=True, help=flag.help)
    else:
        action = "append" if flag.repeat else "store"
        kind, metavar = _type_of(flag.kind, folder), _metavar(flag.kind)
        group.add_argument(*options, dest=destination, action=action, type=kind, metavar=metavar, help=flag.help)


def _add_a1111_flags(parser: Parser, names: set[str]) -> None:
    unneeded, refused = read_a1111_flags()
    for unused in unneeded:
        option = f"--{unused.name}"
        if option not in names:
            names.add(option)
            arity: dict[str, Any] = {} if unused.takes_value else {"action": "store_true"}
            parser.add_argument(option, dest=UNNEEDED_FLAG + option, default=argparse.SUPPRESS, help=argparse.SUPPRESS, **arity)
    for entry in refused:
        option = f"--{entry.name}"
        if option not in names:
            names.add(option)
            parser.add_argument(
                option, dest=REFUSED_FLAG + option, default=argparse.SUPPRESS, nargs="?", const=True, help=argparse.SUPPRESS
            )


def _type_of(kind: str, folder: Path) -> Any:
    return {"int": int, "path": partial(absolute, folder), "commas": _parts}.get(kind, str)


def _metavar(kind: str) -> str:
    return {"int": "N", "path": "PATH", "commas": "A,B"}.get(kind, "TEXT")


def absolute(folder: Path, text: str) -> str:
    """A path that starts at ``folder`` when it is relative; "~" is the home folder."""
    return str((folder / Path(text).expanduser()).absolute())


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]

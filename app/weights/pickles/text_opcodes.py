"""The instructions of protocol 0, which has numbers and texts as lines."""

from __future__ import annotations

import re
from collections.abc import Mapping

from app.weights.pickles.machine import Instruction, Machine
from app.weights.pickles.refusal import Damaged

_INTEGER = re.compile(r"-?[0-9]{1,2500}")


def _integer(text: str) -> int:
    text = text.removesuffix("L")
    if not _INTEGER.fullmatch(text):
        raise Damaged("has a number that is none")
    return int(text)


def _int(machine: Machine) -> None:
    line = machine.source.line()
    booleans = {"00": False, "01": True}
    machine.push(booleans[line] if line in booleans else _integer(line), 40 + len(line))


def _float(machine: Machine) -> None:
    try:
        machine.push(float(machine.source.line()), 32)
    except ValueError as error:
        raise Damaged("has a number that is none") from error


def _string(machine: Machine) -> None:
    """A string of Python 2 as its source text."""
    line = machine.source.line()
    if len(line) < 2 or line[0] not in "\"'" or line[-1] != line[0] or not line.isascii():
        raise Damaged("has a text without its quotes")
    try:
        raw = line[1:-1].encode("ascii").decode("unicode_escape").encode("latin-1")
    except UnicodeError as error:
        raise Damaged("has a text that cannot be read") from error
    machine.push(raw.decode("ascii") if raw.isascii() else raw, 60 + len(raw))


def _unicode(machine: Machine) -> None:
    try:
        text = machine.source.raw_line().decode("raw-unicode-escape")
    except UnicodeDecodeError as error:
        raise Damaged("has a text that cannot be read") from error
    machine.push(text, 60 + 4 * len(text))


def _number(machine: Machine) -> int:
    key = _integer(machine.source.line())
    if not 0 <= key < 1 << 32:
        raise Damaged("notes a value under an impossible number")
    return key


TEXT_INSTRUCTIONS: Mapping[bytes, Instruction] = {
    b"I": _int,
    b"L": lambda machine: machine.push(_integer(machine.source.line()), 1100),
    b"F": _float,
    b"S": _string,
    b"V": _unicode,
    b"p": lambda machine: machine.remember(_number(machine)),
    b"g": lambda machine: machine.recall(_number(machine)),
}

"""The instructions of pickles, protocols 0 to 5, each as what it does to the machine."""

from __future__ import annotations

import struct
from collections.abc import Mapping

from app.weights.pickles import limits
from app.weights.pickles.calls import build, call, checked_key, outside
from app.weights.pickles.machine import ITEM_COST, Instruction, Machine
from app.weights.pickles.names import look_up
from app.weights.pickles.objects import plain_text
from app.weights.pickles.refusal import Damaged, Unsafe
from app.weights.pickles.source import Source, decode
from app.weights.pickles.text_opcodes import TEXT_INSTRUCTIONS
from app.weights.pickles.values import ITEM_BYTES, StorageEntry

STOP = b"."
NEWEST_PROTOCOL = 5
DICT_COST, SET_COST = 232, 216


def run_pickle(source: Source) -> object:
    """Read one pickle to its end; returns the value that it describes. Raises Unsafe, Damaged."""
    return run_with_storages(source)[0]


def run_with_storages(source: Source) -> tuple[object, dict[str, int]]:
    """As ``run_pickle``; also the storages that it refers to, with the bytes that an element has."""
    machine = Machine(source)
    return machine.run(INSTRUCTIONS, STOP), machine.item_bytes


def _unsigned(machine: Machine, size: int) -> int:
    return int.from_bytes(machine.source.take(size), "little")


def _protocol(machine: Machine) -> None:
    version = _unsigned(machine, 1)
    if version > NEWEST_PROTOCOL:
        raise Damaged(f"is written in the unknown pickle protocol {version}")


def _frame(machine: Machine) -> None:
    if _unsigned(machine, 8) > machine.source.left:
        raise Damaged("announces more bytes than it has")


def _sized(machine: Machine, size: int) -> bytes:
    """Bytes with their length in front, which takes ``size`` bytes."""
    count = _unsigned(machine, size)
    if count > machine.source.left:
        raise Damaged("announces more bytes than it has")
    machine.charge(count)
    return machine.source.take(count)


def _text(machine: Machine, size: int) -> None:
    raw = _sized(machine, size)
    machine.push(decode(raw), 50 + (0 if raw.isascii() else 4 * len(raw)))


def _old_text(machine: Machine, raw: bytes) -> None:
    """A string of Python 2: a text where that is certain."""
    machine.push(raw.decode("ascii") if raw.isascii() else raw, 50)


def _long(machine: Machine, size: int) -> None:
    count = _unsigned(machine, size)
    if count > limits.MAX_INTEGER_BYTES:
        raise Damaged("has a number that is too long")
    machine.push(int.from_bytes(machine.source.take(count), "little", signed=True), 32 + count)


def _tuple(machine: Machine, count: int) -> None:
    if len(machine.stack) < count:
        raise Damaged("takes a value where there is none")
    items = tuple(machine.stack[-count:])
    del machine.stack[-count:]
    machine.push(items, 40 + 8 * count)


def _marked_tuple(machine: Machine) -> None:
    items = tuple(machine.pop_marked())
    machine.push(items, 40 + 8 * len(items))


def _marked_list(machine: Machine) -> None:
    items = machine.pop_marked()
    machine.push(items, 56 + 16 * len(items))


def _marked_dict(machine: Machine) -> None:
    items = machine.pop_marked()
    machine.push({}, DICT_COST)
    _set_pairs(machine, items)


def _frozenset(machine: Machine) -> None:
    items = machine.pop_marked()
    machine.push(frozenset(map(checked_key, items)), SET_COST + ITEM_COST * len(items))


def _set_pairs(machine: Machine, items: list[object]) -> None:
    target = machine.top()
    if not isinstance(target, dict) or len(items) % 2:
        raise Damaged("sets items of a value that has none")
    machine.charge(ITEM_COST * len(items))
    for index in range(0, len(items), 2):
        machine.spend(1)
        target[checked_key(items[index])] = items[index + 1]


def _set_item(machine: Machine) -> None:
    value = machine.pop()
    key = machine.pop()
    _set_pairs(machine, [key, value])


def _append_all(machine: Machine, items: list[object]) -> None:
    target = machine.top()
    if not isinstance(target, list):
        raise Damaged("adds to a value that is no list")
    machine.charge(16 * len(items))
    target.extend(items)


def _append(machine: Machine) -> None:
    item = machine.pop()
    _append_all(machine, [item])


def _add_items(machine: Machine) -> None:
    items = machine.pop_marked()
    target = machine.top()
    if not isinstance(target, set):
        raise Damaged("adds to a value that is no set")
    machine.charge(ITEM_COST * len(items))
    target.update(map(checked_key, items))


def _global(machine: Machine) -> None:
    module = machine.source.line()
    machine.push(look_up(module, machine.source.line()), ITEM_COST)


def _stack_global(machine: Machine) -> None:
    name = plain_text(machine.pop(), "a name")
    machine.push(look_up(plain_text(machine.pop(), "a name"), name), ITEM_COST)


def _call(machine: Machine, function: object, arguments: object) -> None:
    """Whatever the call copies is charged before."""
    for argument in arguments if isinstance(arguments, tuple) else ():
        if isinstance(argument, dict | list | tuple | set | frozenset):
            machine.charge(ITEM_COST * len(argument))
        elif isinstance(argument, str | bytes | bytearray):
            machine.charge(len(argument))
    machine.push(call(function, arguments), DICT_COST)


def _reduce(machine: Machine) -> None:
    arguments = machine.pop()
    _call(machine, machine.pop(), arguments)


def _new_with_names(machine: Machine) -> None:
    names = machine.pop()
    if names:
        raise Unsafe("makes an object with arguments by name, which no model needs")
    _reduce(machine)


def _object(machine: Machine) -> None:
    items = machine.pop_marked()
    if not items:
        raise Damaged("makes an object of no class")
    _call(machine, items[0], tuple(items[1:]))


def _instance(machine: Machine) -> None:
    module = machine.source.line()
    function = look_up(module, machine.source.line())
    _call(machine, function, tuple(machine.pop_marked()))


def _build(machine: Machine) -> None:
    state = machine.pop()
    parts = state.values() if isinstance(state, dict) else ()
    machine.spend(len(parts))
    machine.charge(sum(ITEM_COST * len(part) for part in parts if isinstance(part, dict)))
    build(machine.top(), state)


def _pop(machine: Machine) -> None:
    if machine.stack:
        machine.stack.pop()
    else:
        machine.pop_marked()


def _outside(machine: Machine) -> None:
    entry = outside(machine.pop())
    if not isinstance(entry, StorageEntry):
        machine.push(entry)
        return
    item = ITEM_BYTES[entry.dtype or "U8"]
    if machine.item_bytes.setdefault(entry.key, item) != item:
        raise Damaged("reads the same storage as different kinds of numbers")
    machine.push(entry, 2 * ITEM_COST)


def _refuse(what: str) -> Instruction:
    def refuse(machine: Machine) -> None:
        raise Unsafe(what)

    return refuse


INSTRUCTIONS: Mapping[bytes, Instruction] = {
    **TEXT_INSTRUCTIONS,
    b"\x80": _protocol,
    b"\x95": _frame,
    b"(": Machine.mark,
    b"0": _pop,
    b"1": lambda machine: machine.spend(len(machine.pop_marked())),
    b"2": lambda machine: machine.push(machine.top()),
    b"N": lambda machine: machine.push(None),
    b"\x88": lambda machine: machine.push(True),
    b"\x89": lambda machine: machine.push(False),
    b"J": lambda machine: machine.push(int.from_bytes(machine.source.take(4), "little", signed=True), 36),
    b"K": lambda machine: machine.push(_unsigned(machine, 1), 36),
    b"M": lambda machine: machine.push(_unsigned(machine, 2), 36),
    b"\x8a": lambda machine: _long(machine, 1),
    b"\x8b": lambda machine: _long(machine, 4),
    b"G": lambda machine: machine.push(struct.unpack(">d", machine.source.take(8))[0], 32),
    b"\x8c": lambda machine: _text(machine, 1),
    b"X": lambda machine: _text(machine, 4),
    b"\x8d": lambda machine: _text(machine, 8),
    b"U": lambda machine: _old_text(machine, _sized(machine, 1)),
    b"T": lambda machine: _old_text(machine, _sized(machine, 4)),
    b"C": lambda machine: machine.push(_sized(machine, 1), 50),
    b"B": lambda machine: machine.push(_sized(machine, 4), 50),
    b"\x8e": lambda machine: machine.push(_sized(machine, 8), 50),
    b"\x96": lambda machine: machine.push(bytearray(_sized(machine, 8)), 60),
    b")": lambda machine: machine.push(()),
    b"\x85": lambda machine: _tuple(machine, 1),
    b"\x86": lambda machine: _tuple(machine, 2),
    b"\x87": lambda machine: _tuple(machine, 3),
    b"t": _marked_tuple,
    b"]": lambda machine: machine.push([], 72),
    b"l": _marked_list,
    b"a": _append,
    b"e": lambda machine: _append_all(machine, machine.pop_marked()),
    b"}": lambda machine: machine.push({}, DICT_COST),
    b"d": _marked_dict,
    b"s": _set_item,
    b"u": lambda machine: _set_pairs(machine, machine.pop_marked()),
    b"\x8f": lambda machine: machine.push(set(), SET_COST),
    b"\x90": _add_items,
    b"\x91": _frozenset,
    b"q": lambda machine: machine.remember(_unsigned(machine, 1)),
    b"r": lambda machine: machine.remember(_unsigned(machine, 4)),
    b"\x94": lambda machine: machine.remember(len(machine.memo)),
    b"h": lambda machine: machine.recall(_unsigned(machine, 1)),
    b"j": lambda machine: machine.recall(_unsigned(machine, 4)),
    b"c": _global,
    b"\x93": _stack_global,
    b"R": _reduce,
    b"\x81": _reduce,
    b"\x92": _new_with_names,
    b"o": _object,
    b"i": _instance,
    b"b": _build,
    b"Q": _outside,
    b"P": _refuse("refers to something outside by a text, which no model needs"),
    b"\x82": _refuse("asks for code by a number of Python's extension registry"),
    b"\x83": _refuse("asks for code by a number of Python's extension registry"),
    b"\x84": _refuse("asks for code by a number of Python's extension registry"),
    b"\x97": _refuse("refers to a buffer outside of the file"),
    b"\x98": _refuse("refers to a buffer outside of the file"),
}

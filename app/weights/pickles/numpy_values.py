"""Numbers and arrays of numpy, put together from their pickled parts without numpy; only plain numbers."""

from __future__ import annotations

import struct
from collections.abc import Mapping

from app.weights.pickles.limits import MAX_AXES, MAX_SIZE
from app.weights.pickles.objects import NumberArray, NumberFormat, plain_text
from app.weights.pickles.refusal import Damaged, Unsafe
from app.weights.pickles.values import ITEM_BYTES

FORMATS: Mapping[str, str] = {
    "b1": "BOOL",
    "i1": "I8",
    "u1": "U8",
    "i2": "I16",
    "u2": "U16",
    "i4": "I32",
    "u4": "U32",
    "i8": "I64",
    "u8": "U64",
    "f2": "F16",
    "f4": "F32",
    "f8": "F64",
    "c8": "C64",
    "c16": "C128",
}
"""numpy's codes of number formats."""
_STRUCT: Mapping[str, str] = {
    "BOOL": "?",
    "I8": "b",
    "U8": "B",
    "I16": "h",
    "U16": "H",
    "I32": "i",
    "U32": "I",
    "I64": "q",
    "U64": "Q",
    "F16": "e",
    "F32": "f",
    "F64": "d",
    "C64": "ff",
    "C128": "dd",
}
_ARRAY_STATE = 5
_BYTE_ORDER = 1
_FIELDS = slice(2, 5)


def number_format(arguments: tuple[object, ...]) -> NumberFormat:
    """``numpy.dtype(code, align, copy)``; raises Unsafe for arrays of objects, Damaged for other formats."""
    code = plain_text(arguments[0] if arguments else None, "a number format").lstrip("<>|=")
    if code.startswith("O"):
        raise Unsafe("holds an array of Python objects")
    if code not in FORMATS:
        raise Damaged(f"has an array of the unknown format {code[:20]!r}")
    return NumberFormat(FORMATS[code])


def set_format(target: NumberFormat, state: object) -> None:
    """The rest of a format: byte order; structured formats are refused."""
    if not isinstance(state, tuple) or len(state) < _FIELDS.stop or any(part is not None for part in state[_FIELDS]):
        raise Damaged("has an array of structures")
    target.is_big_endian = state[_BYTE_ORDER] == ">"


def set_array(target: NumberArray, state: object) -> None:
    """The rest of an array: (version, shape, format, column-major, bytes)."""
    if not isinstance(state, tuple) or len(state) != _ARRAY_STATE:
        raise Damaged("has an array without its parts")
    _, shape, form, order, data = state
    if isinstance(data, list):
        raise Unsafe("holds an array of Python objects")
    fill_array(target, form, shape, order is True, data)


def fill_array(target: NumberArray, form: object, shape: object, is_column_major: bool, data: object) -> None:
    """Check that bytes, format and shape fit; raises Damaged."""
    if not isinstance(form, NumberFormat):
        raise Damaged("has an array without a number format")
    if not isinstance(shape, tuple) or len(shape) > MAX_AXES or not all(type(size) is int and 0 <= size < MAX_SIZE for size in shape):
        raise Damaged("has an array of an impossible shape")
    raw = _raw(data)
    count = 1
    for size in shape:
        count *= size
    if count * ITEM_BYTES[form.dtype] != len(raw):
        raise Damaged(f"has an array of {len(raw)} bytes that needs {count * ITEM_BYTES[form.dtype]}")
    target.format, target.shape, target.is_column_major, target.data = form, shape, is_column_major, raw


def scalar(arguments: tuple[object, ...]) -> object:
    """``scalar(format, bytes)`` as a number."""
    if len(arguments) != 2 or not isinstance(arguments[0], NumberFormat):
        raise Damaged("has a number without a format")
    form, raw = arguments[0], _raw(arguments[1])
    if len(raw) != ITEM_BYTES[form.dtype]:
        raise Damaged(f"has a number of {len(raw)} bytes that needs {ITEM_BYTES[form.dtype]}")
    parts = struct.unpack((">" if form.is_big_endian else "<") + _STRUCT[form.dtype], raw)
    return complex(*parts) if len(parts) == 2 else parts[0]


def _raw(data: object) -> bytes:
    if isinstance(data, str) and data.isascii():
        return data.encode("ascii")  # a string of Python 2
    if isinstance(data, bytes | bytearray):
        return bytes(data)
    raise Damaged("has an array without bytes")

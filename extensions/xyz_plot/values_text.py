"""Reads the values of an axis as people type them: comma-separated, quoted like CSV, with ranges for numbers.

``1-5`` counts up (and ``5-1`` down), ``1-10(+2)`` in steps, ``1-10[5]`` gives so many values, evenly spaced. Both ends belong to a range as
far as its steps meet them. Floats likewise: ``0-1(+0.25)``, ``0.0-1.0[6]``.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from io import StringIO

from app.api import AxisType, Json, UserError

MOST_VALUES = 10_000
_NUMBER = r"([+-]?\s*(?:\d+(?:\.\d*)?|\.\d+))"
_RANGE = re.compile(rf"\s*{_NUMBER}\s*-\s*{_NUMBER}\s*(?:\(\s*{_NUMBER}\s*\)|\[\s*(\d+)\s*\])?\s*")
_SINGLE = re.compile(rf"{_NUMBER}(?:[eE][+-]?\d{{1,3}})?")
_LONGEST_NUMBER = 40
"""Characters; a longer one is no seed and no share of anything."""
YES, NO = ("true", "yes", "1", "on"), ("false", "no", "0", "off")


def split_csv(text: str) -> list[str]:
    """The parts of a comma-separated text, stripped; parts in double quotes may hold commas. Raises UserError."""
    try:
        return [part.strip() for row in csv.reader(StringIO(text), skipinitialspace=True) for part in row]
    except csv.Error as error:
        raise UserError(f"The values cannot be read: {error}.") from error


def join_csv(parts: Sequence[str]) -> str:
    """The text that ``split_csv`` reads."""
    written = StringIO()
    csv.writer(written, lineterminator="").writerow(parts)
    return written.getvalue()


def read_values(parts: Sequence[str], kind: AxisType) -> list[Json]:
    """The values that these texts mean; raises UserError that names the one that means none."""
    if kind == "text":
        return list(parts)
    values: list[Json] = []
    for part in parts:
        if part:
            values += READERS[kind](part)
        if len(values) > MOST_VALUES:
            raise UserError(f"{part!r} makes more than {MOST_VALUES} values.", hint="Take larger steps.")
    return values


def _read_yes_no(text: str) -> list[Json]:
    word = text.casefold()
    if word not in YES + NO:
        raise UserError(f"{text!r} is neither true nor false.")
    return [word in YES]


def _read_whole(text: str) -> list[Json]:
    """Counts are rounded towards zero, as in A1111."""
    found = _as_range(text)
    if found is None:
        return [_whole(text)]
    start, end, step, count = found
    if any(_has_fraction(number) for number in (start, end, step or Decimal(0))):
        raise UserError(f"{text!r} has fractions, and only whole numbers can be used.")
    return [int(number) for number in _spread(text, start, end, step, count)]


def _read_number(text: str) -> list[Json]:
    found = _as_range(text)
    if found is None:
        return [float(_decimal(text))]
    return [float(number) for number in _spread(text, *found)]


READERS: dict[AxisType, Callable[[str], list[Json]]] = {"whole": _read_whole, "number": _read_number, "yes_no": _read_yes_no}


def _as_range(text: str) -> tuple[Decimal, Decimal, Decimal | None, int | None] | None:
    """Start, end, step and count of a range; None for a single number."""
    found = _RANGE.fullmatch(text)
    if found is None or len(text) > 4 * _LONGEST_NUMBER:
        return None
    start, end, step, count = found.groups()
    return _decimal(start), _decimal(end), _decimal(step) if step else None, int(count) if count else None


def _spread(text: str, start: Decimal, end: Decimal, step: Decimal | None, count: int | None) -> list[Decimal]:
    if count is not None:
        if not 1 <= count <= MOST_VALUES:
            raise UserError(f"{text!r} makes {count} values.", hint=f"Ask for 1 to {MOST_VALUES}.")
        return [start + (end - start) * place / (count - 1) for place in range(count)] if count > 1 else [start]
    if step is None:
        step = Decimal(1 if end >= start else -1)
    if step == 0 or (end - start) * step < 0:
        raise UserError(f"{text!r} never comes to its end.", hint="Write the step with + for numbers that grow, and - for others.")
    steps = int((end - start) / step)
    if steps >= MOST_VALUES:
        raise UserError(f"{text!r} makes more than {MOST_VALUES} values.", hint="Take larger steps.")
    return [start + step * place for place in range(steps + 1)]


def _whole(text: str) -> int:
    number = _decimal(text)
    if _has_fraction(number):
        raise UserError(f"{text!r} is not a whole number.")
    return int(number)


def _has_fraction(number: Decimal) -> bool:
    """Also for numbers of more digits than a Decimal computes with."""
    return number != number.to_integral_value()


def _decimal(text: str) -> Decimal:
    bare = "".join(text.split())
    if len(bare) > _LONGEST_NUMBER or not _SINGLE.fullmatch(bare):
        raise UserError(f"{text!r} is not a number.")
    number = Decimal(bare)
    if not math.isfinite(float(number)):
        raise UserError(f"{text!r} is too large.")
    return number

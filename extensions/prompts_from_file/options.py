"""Reads the options of a line: ``--prompt "a castle" --steps 30``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches

from app.api import Json, UserError

FIELD = "prompt_txt"
_OPTION = re.compile(r"--([A-Za-z_]\w*)(?=\s|=|$)")
_QUOTED = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|\'((?:[^\'\\]|\\.)*)\')(?=\s|$)')
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_YES, _NO = frozenset({"true", "1", "yes", "on"}), frozenset({"false", "0", "no", "off"})


def _switch(text: str) -> bool:
    if text.lower() not in _YES | _NO:
        raise ValueError("it must be true or false")
    return text.lower() in _YES


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValueError("it must be a whole number") from None


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError("it must be a number") from None


OPTIONS: Mapping[str, Callable[[str], Json]] = {
    "prompt": str,
    "negative_prompt": str,
    "prompt_for_display": str,
    "styles": str,
    "sd_model": str,
    "sampler_name": str,
    "sampler_index": _whole,
    "outpath_samples": str,
    "outpath_grids": str,
    "seed": _whole,
    "subseed": _whole,
    "subseed_strength": _number,
    "seed_resize_from_w": _whole,
    "seed_resize_from_h": _whole,
    "steps": _whole,
    "cfg_scale": _number,
    "width": _whole,
    "height": _whole,
    "batch_size": _whole,
    "n_iter": _whole,
    "restore_faces": _switch,
    "tiling": _switch,
    "do_not_save_samples": _switch,
    "do_not_save_grid": _switch,
}
"""How the text of each is read."""
USUAL = ("prompt", "negative_prompt", "steps", "cfg_scale", "seed", "width", "height")
"""Those that are named to who wrote one that there is not; the README has all."""


def read_line(line: str, number: int) -> dict[str, Json]:
    """The options of a line; one that does not begin with ``--`` is a prompt. Raises UserError that names line and option."""
    if not line.startswith("--"):
        return {"prompt": line}
    found: dict[str, Json] = {}
    place = 0
    while place < len(line):
        match = _OPTION.match(line, place)
        if match is None:
            raise _wrong(
                number, f"{line[place : place + 40]!r} is no option", "Options begin with --; put texts that have -- in them in quotes."
            )
        name = match[1]
        if name not in OPTIONS:
            raise _wrong(number, f"there is no option --{name}", _like(name))
        text, place = _value(line, match.end())
        try:
            found[name] = OPTIONS[name](text)
        except ValueError as error:
            raise _wrong(number, f"--{name} cannot be {text!r}: {error}", "") from None
    return found


LIKE = 0.75
"""How alike two names must be, so that one may have been meant: ``stpes`` and ``steps``, not ``hr_scale`` and ``cfg_scale``."""


def _like(name: str) -> str:
    """The option that may have been meant; a few of the usual ones where none is like it."""
    near = get_close_matches(name.lower(), OPTIONS, n=1, cutoff=LIKE)
    if near:
        return f"Did you mean --{near[0]}?"
    return f"Options are, for example, {', '.join(f'--{each}' for each in USUAL)}."


def _value(line: str, place: int) -> tuple[str, int]:
    """A value in quotes, or all up to the next option; and where that is."""
    if line[place : place + 1] == "=":
        place += 1
    quoted = _QUOTED.match(line, place)
    if quoted:
        text = quoted[1] if quoted[1] is not None else quoted[2]
        return _ESCAPE.sub(r"\1", text), _next_word(line, quoted.end())
    following = re.compile(r"\s--(?=[A-Za-z_])").search(line, place)
    end = following.start() if following else len(line)
    return line[place:end].strip(), _next_word(line, end)


def _next_word(line: str, place: int) -> int:
    while place < len(line) and line[place].isspace():
        place += 1
    return place


def _wrong(number: int, what: str, hint: str) -> UserError:
    return UserError(f"Line {number}: {what}.", hint=hint, field=FIELD)

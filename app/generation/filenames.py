"""Names of saved pictures: A1111's patterns in square brackets, and text made fit for a file system."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.generation.name_facts import NameFacts
from app.values.base import short_number

_PATTERN = re.compile(r"\[([^\[\]<>]+)((?:<[^<>]*>)*)\]")
_ARGUMENT = re.compile(r"<([^<>]*)>")
_WORDS = re.compile(rf"[\s{re.escape(string.punctuation.replace(chr(92), ''))}]+")
_ILLEGAL = re.compile(r'[#<>:"/\\|?*\x00-\x1f\x7f\ud800-\udfff]')
_ILLEGAL_UNIX = re.compile(r"[/\x00\ud800-\udfff]")
_FORBIDDEN_NAMES = frozenset({"CON", "PRN", "AUX", "NUL", *(f"{port}{n}" for port in ("COM", "LPT") for n in range(1, 10))})
HASH_DIGITS = 8
DATETIME_FORMAT = "%Y%m%d%H%M%S"


@dataclass(frozen=True)
class FileNameRules:
    """What a part of a file name may be: its length in characters, and whether only "/" is forbidden."""

    longest: int = 128
    unix: bool = False

    def clean(self, text: str) -> str:
        """Text as a part of a file name: forbidden characters become "_", blanks and dots at the ends go."""
        text = (_ILLEGAL_UNIX if self.unix else _ILLEGAL).sub("_", text)
        text = text.lstrip(" ")[: self.longest].rstrip(" .")
        stem, dot, rest = text.partition(".")
        return f"{stem}_{dot}{rest}" if stem.rstrip(" ").upper() in _FORBIDDEN_NAMES and not self.unix else text


def expand(pattern: str, facts: NameFacts, rules: FileNameRules, now: datetime) -> str:
    """The pattern with its brackets filled in; unknown ones stay as they are, and one without a value takes the text before it along."""
    result = ""
    end = 0
    for match in _PATTERN.finditer(pattern):
        before = pattern[end : match.start()]
        end = match.end()
        name, arguments = match.group(1).casefold(), _ARGUMENT.findall(match.group(2))
        find = _VALUES.get(name)
        if find is None:
            result += before + match.group(0)
            continue
        value = find(facts, arguments, now)
        if value is None:
            continue
        result += before + rules.clean(value.replace(" ", "_") if name == "prompt" else value)
    return result + pattern[end:]


_Value = Callable[[NameFacts, list[str], datetime], "str | None"]


def _datetime(facts: NameFacts, arguments: list[str], now: datetime) -> str:
    zone = None
    if len(arguments) > 1 and arguments[1]:
        try:
            zone = ZoneInfo(arguments[1])
        except (ZoneInfoNotFoundError, ValueError, OSError):
            zone = None
    moment = now.astimezone(zone)
    try:
        return moment.strftime(arguments[0] if arguments and arguments[0] else DATETIME_FORMAT)
    except ValueError:  # a format that this system's C library refuses
        return moment.strftime(DATETIME_FORMAT)


def _hash(text: str, arguments: list[str]) -> str:
    digits = arguments[0] if arguments else ""
    return sha256(text.encode()).hexdigest()[: int(digits[:3]) if digits.isdecimal() else HASH_DIGITS]


def _image_hash(facts: NameFacts, arguments: list[str], now: datetime) -> str:
    digits = arguments[0] if arguments else ""
    return sha256(facts.picture.tobytes()).hexdigest()[: int(digits[:3]) if digits.isdecimal() else None]


def _has_prompt(facts: NameFacts, arguments: list[str], now: datetime) -> str:
    """For each ``<word|else>``: the word if the prompt has it, whatever the case, else the other text."""
    prompt = facts.prompt.casefold()
    found = []
    for argument in arguments:
        word, _, otherwise = argument.partition("|")
        found.append(word if word.casefold() in prompt else otherwise)
    return "".join(found)


def _prompt_words(facts: NameFacts, arguments: list[str], now: datetime) -> str:
    words = [word for word in _WORDS.split(facts.prompt) if word] or ["empty"]
    return " ".join(words[: facts.prompt_words])


def _batch_number(facts: NameFacts, arguments: list[str], now: datetime) -> str | None:
    return str(facts.index % facts.batch_size + 1) if facts.batch_size > 1 and not facts.in_zip else None


def _generation_number(facts: NameFacts, arguments: list[str], now: datetime) -> str | None:
    return str(facts.index + 1) if facts.count > 1 and not facts.in_zip else None


def _denoising(facts: NameFacts, arguments: list[str], now: datetime) -> str | None:
    return str(short_number(facts.denoising_strength)) if facts.denoising_strength else None


def _seed_last(facts: NameFacts, arguments: list[str], now: datetime) -> str | None:
    return str(facts.last_seed) if facts.batch_size > 1 else None


def _vae(facts: NameFacts, arguments: list[str], now: datetime) -> str:
    """The file's name up to its first dot; A1111's word for none."""
    parts = facts.vae.split(".")
    return (parts[1] if len(parts) > 1 and not parts[0] else parts[0]) or "NoneType"


_VALUES: Mapping[str, _Value] = {
    "seed": lambda facts, arguments, now: str(facts.seed),
    "seed_first": lambda facts, arguments, now: str(facts.first_seed),
    "seed_last": _seed_last,
    "steps": lambda facts, arguments, now: str(facts.steps),
    "cfg": lambda facts, arguments, now: str(short_number(facts.cfg_scale)),
    "width": lambda facts, arguments, now: str(facts.picture.width),
    "height": lambda facts, arguments, now: str(facts.picture.height),
    "clip_skip": lambda facts, arguments, now: str(facts.clip_skip),
    "denoising": _denoising,
    "sampler": lambda facts, arguments, now: facts.sampler,
    "scheduler": lambda facts, arguments, now: facts.scheduler.capitalize(),
    "sampler_scheduler": lambda facts, arguments, now: f"{facts.sampler} {facts.scheduler.capitalize()}",
    "model_name": lambda facts, arguments, now: facts.model_name,
    "model_hash": lambda facts, arguments, now: facts.model_hash,
    "vae_filename": _vae,
    "styles": lambda facts, arguments, now: ", ".join(name for name in facts.styles if name != "None") or "None",
    "prompt": lambda facts, arguments, now: facts.prompt,
    "prompt_spaces": lambda facts, arguments, now: facts.prompt,
    "prompt_no_styles": lambda facts, arguments, now: facts.typed_prompt,
    "prompt_words": _prompt_words,
    "prompt_hash": lambda facts, arguments, now: _hash(facts.prompt, arguments),
    "negative_prompt_hash": lambda facts, arguments, now: _hash(facts.negative_prompt, arguments),
    "full_prompt_hash": lambda facts, arguments, now: _hash(f"{facts.prompt} {facts.negative_prompt}", arguments),
    "image_hash": _image_hash,
    "hasprompt": _has_prompt,
    "date": lambda facts, arguments, now: now.strftime("%Y-%m-%d"),
    "datetime": _datetime,
    "job_timestamp": lambda facts, arguments, now: facts.job_timestamp,
    "batch_number": _batch_number,
    "batch_size": lambda facts, arguments, now: str(facts.batch_size),
    "generation_number": _generation_number,
    "user": lambda facts, arguments, now: facts.user,
    "basename": lambda facts, arguments, now: facts.base or "img",
    "none": lambda facts, arguments, now: "",
}

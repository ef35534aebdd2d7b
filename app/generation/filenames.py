"""Names of saved pictures: A1111's patterns in square brackets, and text made fit for a file system."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from PIL import Image

from app.values.plan import GenerationPlan, ImagePlan
from app.values.request import GenerationRequest

_PATTERN = re.compile(r"\[([^\[\]<>]+)((?:<[^<>]*>)*)\]")
_ARGUMENT = re.compile(r"<([^<>]*)>")
_WORDS = re.compile(r"[\s,;.!?()\[\]{}:]+")
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


@dataclass(frozen=True)
class NameFacts:
    """What the patterns stand for: one picture of a plan; ``request`` is what was asked before any extension changed it."""

    request: GenerationRequest
    plan: GenerationPlan
    image: ImagePlan
    picture: Image.Image
    job_started: datetime
    user: str = ""
    prompt_words: int = 8


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
    prompt = facts.image.prompt.casefold()
    found = []
    for argument in arguments:
        word, _, otherwise = argument.partition("|")
        found.append(word if word.casefold() in prompt else otherwise)
    return "".join(found)


def _prompt_words(facts: NameFacts, arguments: list[str], now: datetime) -> str:
    words = [word for word in _WORDS.split(facts.image.prompt) if word] or ["empty"]
    return " ".join(words[: facts.prompt_words])


def _sampler_scheduler(facts: NameFacts, arguments: list[str], now: datetime) -> str:
    scheduler = facts.plan.first.scheduler
    return facts.plan.first.sampler if scheduler == "Automatic" else f"{facts.plan.first.sampler} {scheduler}"


def _batch_number(facts: NameFacts, arguments: list[str], now: datetime) -> str | None:
    size = facts.plan.batch_size
    return str(facts.image.index % size + 1) if size > 1 else None


def _denoising(facts: NameFacts, arguments: list[str], now: datetime) -> str | None:
    strengths = [step.denoising_strength for step in facts.plan.passes if step.denoising_strength]
    return _short_number(strengths[-1]) if strengths else None


def _seed_last(facts: NameFacts, arguments: list[str], now: datetime) -> str | None:
    return str(facts.plan.images[-1].seed) if facts.plan.batch_size > 1 else None


def _short_number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else str(value)


_VALUES: Mapping[str, _Value] = {
    "seed": lambda facts, arguments, now: str(facts.image.seed),
    "seed_first": lambda facts, arguments, now: str(facts.plan.images[0].seed),
    "seed_last": _seed_last,
    "steps": lambda facts, arguments, now: str(facts.plan.first.steps),
    "cfg": lambda facts, arguments, now: _short_number(facts.plan.first.cfg_scale),
    "width": lambda facts, arguments, now: str(facts.picture.width),
    "height": lambda facts, arguments, now: str(facts.picture.height),
    "clip_skip": lambda facts, arguments, now: str(facts.plan.clip_skip),
    "denoising": _denoising,
    "sampler": lambda facts, arguments, now: facts.plan.first.sampler,
    "scheduler": lambda facts, arguments, now: facts.plan.first.scheduler,
    "sampler_scheduler": _sampler_scheduler,
    "model_name": lambda facts, arguments, now: facts.plan.first.checkpoint.name,
    "model_hash": lambda facts, arguments, now: (facts.plan.first.checkpoint.sha256 or "")[:10],
    "styles": lambda facts, arguments, now: ", ".join(facts.request.styles) or "None",
    "prompt": lambda facts, arguments, now: facts.image.prompt,
    "prompt_spaces": lambda facts, arguments, now: facts.image.prompt,
    "prompt_no_styles": lambda facts, arguments, now: facts.request.prompt,
    "prompt_words": _prompt_words,
    "prompt_hash": lambda facts, arguments, now: _hash(facts.image.prompt, arguments),
    "negative_prompt_hash": lambda facts, arguments, now: _hash(facts.image.negative_prompt, arguments),
    "full_prompt_hash": lambda facts, arguments, now: _hash(f"{facts.image.prompt} {facts.image.negative_prompt}", arguments),
    "image_hash": _image_hash,
    "hasprompt": _has_prompt,
    "date": lambda facts, arguments, now: now.strftime("%Y-%m-%d"),
    "datetime": _datetime,
    "job_timestamp": lambda facts, arguments, now: facts.job_started.strftime("%Y%m%d%H%M%S"),
    "batch_number": _batch_number,
    "batch_size": lambda facts, arguments, now: str(facts.plan.batch_size),
    "generation_number": lambda facts, arguments, now: str(facts.image.index + 1) if len(facts.plan.images) > 1 else None,
    "user": lambda facts, arguments, now: facts.user,
    "basename": lambda facts, arguments, now: "img",
    "none": lambda facts, arguments, now: "",
}

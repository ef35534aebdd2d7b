"""Takes the tags ``<type:item:item>`` out of prompts, and reads the numbers in them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.errors import UserError
from app.values.prompt import PromptTag

_TAG = re.compile(r"<(\w+):([^>]+)>")


@dataclass(frozen=True)
class NetworkStrength:
    """How strongly a named network changes the text encoder and the denoiser; ``rank``: to how many dimensions it is cut, None: not."""

    name: str
    text: float
    denoiser: float
    rank: int | None = None


def take_tags(prompt: str) -> tuple[str, tuple[PromptTag, ...]]:
    """The prompt without its tags, and the tags in order."""
    end = prompt.rfind(">") + 1  # behind the last one nothing can be a tag, and looking for its end would take quadratic time
    tags = tuple(PromptTag(type=match[1], items=tuple(match[2].split(":"))) for match in _TAG.finditer(prompt, 0, end))
    return (_TAG.sub("", prompt[:end]) + prompt[end:] if tags else prompt), tags


def change_tags(prompt: str, change: Callable[[PromptTag], PromptTag]) -> str:
    """The prompt with every tag replaced by what ``change`` makes of it."""
    end = prompt.rfind(">") + 1

    def changed(match: re.Match[str]) -> str:
        return str(change(PromptTag(type=match[1], items=tuple(match[2].split(":")))))

    return _TAG.sub(changed, prompt[:end]) + prompt[end:]


def with_strength(tag: PromptTag, strength: float) -> PromptTag:
    """The tag of a network with this strength alone; items with other names stay."""
    kept = (item for item in tag.items if item.count("=") == 1 and item.partition("=")[0] not in ("te", "unet"))
    return PromptTag(type=tag.type, items=(*tag.positional[:1], f"{strength:g}", *kept))


def network_strength(tag: PromptTag) -> NetworkStrength:
    """``<x:name>``, ``<x:name:text:denoiser:rank>`` or ``<x:name:te=...:unet=...:dyn=...>``; the denoiser's number follows the text's.

    Raises UserError that names the tag: for a number that is none, or a missing name.
    """
    positional, named = tag.positional, tag.named
    if not positional:
        raise UserError(f"The tag {tag} names nothing.", hint="Write it like <type:name:1>.", field="prompt")
    text = _number(tag, _item(positional, 1, named.get("te"), "1.0"))
    denoiser = named.get("unet", positional[2] if len(positional) > 2 else None)
    rank = named.get("dyn", positional[3] if len(positional) > 3 else None)
    return NetworkStrength(
        name=positional[0],
        text=text,
        denoiser=text if denoiser is None else _number(tag, denoiser),
        rank=None if rank is None else _whole_number(tag, rank),
    )


def single_strength(tag: PromptTag) -> NetworkStrength:
    """``<x:name>`` or ``<x:name:number>``, whose items have no names; raises UserError that names the tag."""
    number = _number(tag, tag.items[1] if len(tag.items) > 1 else "1.0")
    return NetworkStrength(name=tag.items[0], text=number, denoiser=number)


def finite_strength(tag: PromptTag, strength: NetworkStrength) -> NetworkStrength:
    """The strength of a tag that is to be applied; raises UserError that names the tag for infinity and nan, which A1111 reads too."""
    if not (math.isfinite(strength.text) and math.isfinite(strength.denoiser)):
        raise UserError(f"The tag {tag} has a strength that is not finite.", hint="Write it like <type:name:0.8>.", field="prompt")
    return strength


def _item(positional: Sequence[str], index: int, named: str | None, default: str) -> str:
    if named is not None:
        return named
    return positional[index] if len(positional) > index else default


def _number(tag: PromptTag, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise _no_number(tag, text, "a number") from None


def _whole_number(tag: PromptTag, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise _no_number(tag, text, "a whole number") from None


def _no_number(tag: PromptTag, text: str, wanted: str) -> UserError:
    return UserError(f"{text!r} in the tag {tag} is not {wanted}.", hint="Write it like <type:name:0.8>.", field="prompt")

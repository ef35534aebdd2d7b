"""Merges style texts into prompts and finds them there again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

PLACE = "{prompt}"
NO_FILE = "do_not_save"
"""Instead of a file's path, as A1111 marks what belongs to no file: the dividers between files."""
_BLANKS = re.compile("  +")


@dataclass(frozen=True)
class Style:
    """A named pair of texts; ``{prompt}`` in one is where the user's own text goes. ``file``: the path that it was read from."""

    name: str
    prompt: str = ""
    negative_prompt: str = ""
    file: str = ""

    @property
    def is_usable(self) -> bool:
        """False for a divider between files."""
        return self.file != NO_FILE


def merge(style_text: str, prompt: str) -> str:
    """The prompt put into the text's place for it, or else the text appended after a comma."""
    if PLACE in style_text:
        return style_text.replace(PLACE, prompt)
    return ", ".join(part for part in (prompt.strip(), style_text.strip()) if part)


def filling(style_text: str) -> str:
    """The text without the place for a prompt, for a prompt in which it is typed."""
    return ", ".join(part for part in (piece.strip(" ,") for piece in style_text.split(PLACE)) if part)


def apply_styles(styles: Sequence[Style], prompt: str, negative_prompt: str) -> tuple[str, str]:
    """Both prompts with the styles merged in, one after the other."""
    for style in styles:
        prompt, negative_prompt = merge(style.prompt, prompt), merge(style.negative_prompt, negative_prompt)
    return prompt, negative_prompt


def apply_named(installed: Sequence[Style], names: Sequence[str], prompt: str, negative_prompt: str) -> tuple[str, str]:
    """Both prompts with the styles of these names merged in, in the order of the names; names that nobody has change nothing."""
    known = {style.name: style for style in installed}
    return apply_styles([known[name] for name in names if name in known], prompt, negative_prompt)


def extract_text(style_text: str, prompt: str) -> str | None:
    """What is left of a prompt when the style's text is taken out; None when it is not in there."""
    plain, wanted = _BLANKS.sub(" ", prompt.strip()), _BLANKS.sub(" ", style_text.strip())
    before, place, after = wanted.partition(PLACE)
    if place:
        if plain.startswith(before) and plain.endswith(after):
            return plain[len(before) : len(plain) - len(after)]
        return None
    return plain.removesuffix(wanted).removesuffix(", " if wanted else "") if plain.endswith(wanted) else None


def extract_styles(styles: Sequence[Style], prompt: str, negative_prompt: str) -> tuple[list[str], str, str]:
    """Names of the styles that both prompts contain, in the order of merging, and the prompts without them."""
    left = [style for style in styles if style.prompt or style.negative_prompt]
    names: list[str] = []
    while True:
        for style in left:
            positive, negative = extract_text(style.prompt, prompt), extract_text(style.negative_prompt, negative_prompt)
            if positive is not None and negative is not None:
                break
        else:
            return names[::-1], prompt, negative_prompt
        prompt, negative_prompt = positive, negative
        left.remove(style)
        names.append(style.name)

"""Finds the words for users in the page's scripts: string literals that read like a label or a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

HOLE = "{}"
"""What stands in a text for a value that is put in: a text with values is one template literal."""
KEYS = frozenset(
    "Enter Escape Tab Home End Delete Backspace Control Alt Shift Meta Space PageUp PageDown ArrowUp ArrowDown ArrowLeft ArrowRight Error"
    " Files Ctrl CapsLock Unidentified Insert".split()
)
COMPARED = re.compile(r"(?:[=!]==?|case|\.key|\bfrom|\bimport|new RegExp\()\s*$")
CALLED = re.compile(
    r"(?:querySelector(?:All)?|closest|matches|addEventListener|CustomEvent|Event|classList\.\w+|createElement(?:NS)?|getElementById|"
    r"[gs]etAttribute|hasAttribute|removeAttribute|whenDrawn|once|press|element|dispatchEvent|console\.\w+|locator|split|join|getContext|"
    r"getPropertyValue|setProperty|startsWith|endsWith|includes|toLocaleString|import)\(\s*$"
)
NAMED = re.compile(
    r"""(?<![\w-])(?:class|className|id|role|type|rel|href|src|name|for|method|cache|selector|style|cssText|d|font|href|accept|kind)["']?\s*[:=]\s*$"""
)
CODE = re.compile(r"[<>{}\[\]|\\]|;(?! )|(?<! )=|^[#./]|://|^\w+\(|^--|, (?:textarea|input|number)$|\w\.\w+\(|:not\(|:is\(|:has\(")
BROKEN = re.compile(r"^[,(]|[}_]_|_[{]|^[a-z]+(?:, [a-z]+)+$")
"""Pieces of sentences, names put together, and selectors."""
SHOWN = re.compile(
    r"""(?:(?:\b(?:textContent|placeholder|title|words|note|heading)|aria-label)["']?\s*[:=]|new Option\(|\},|\.say\(|announce\()\s*$"""
)
"""Places whose words are shown, whatever they look like: properties of elements, and what stands in them (behind their attributes)."""
PLAIN = re.compile(r"(?=.*[A-Za-z]{3})[A-Za-z0-9{} ,.:()'’…×→%&+-]+")
NAMES = frozenset({"sha256"})
"""Of what has the same name in every language."""
WORD = re.compile(r"[A-Za-z][a-z']+")


@dataclass(frozen=True)
class Literal:
    """A string literal with the code in front of it."""

    text: str
    before: str


def script_texts(source: str) -> list[str]:
    """The texts for users among the literals of a script, in their order."""
    return [literal.text.strip() for literal in literals(source) if _is_for_users(literal)]


def _is_for_users(literal: Literal) -> bool:
    text, before = literal.text.strip(), literal.before
    plain = text.replace(HOLE, "")
    words = WORD.findall(plain)
    if SHOWN.search(before) and PLAIN.fullmatch(plain) and text not in NAMES:
        return True
    if re.fullmatch(r"\d+ [a-z ]+", text):
        return True
    if not words or BROKEN.search(text) or CODE.search(plain) or any(rule.search(before) for rule in (COMPARED, CALLED, NAMED)):
        return False
    if " " not in text:
        return bool(re.fullmatch(r"[A-Z][a-z']+(?:/[A-Z][a-z']+)*[.:…?]?", text)) and text not in KEYS
    is_sentence = text[0].isupper() or text[-1] in ".?!:…" or text[0] in "{(“"
    return is_sentence or (len(words) >= 2 and not re.fullmatch(r"[a-z0-9_ -]*", text)) or len(words) >= 3


def literals(source: str) -> Iterator[Literal]:
    """All string literals; values inside of a template become holes, and literals inside of those are found, too."""
    yield from _Reader(source).read()


class _Reader:
    """Goes through a script once; ``place`` is the next character."""

    def __init__(self, source: str) -> None:
        self.source, self.place = source, 0
        self.found: list[Literal] = []

    def read(self) -> list[Literal]:
        while self.place < len(self.source):
            self._step()
        return self.found

    def _step(self) -> None:
        source, place = self.source, self.place
        two = source[place : place + 2]
        if two == "//":
            self.place = _end(source, "\n", place)
        elif two == "/*":
            self.place = _end(source, "*/", place + 2) + 1
        elif source[place] in "\"'":
            self._string(source[place])
        elif source[place] == "`":
            self._template()
        elif source[place] == "/" and re.search(r"(?:[(,=:[!&|?{};+]|\breturn|=>)\s*$", source[max(0, place - 12) : place]):
            self._expression()
        self.place += 1

    def _string(self, mark: str) -> None:
        start = self.place
        self.place += 1
        while self.place < len(self.source) and self.source[self.place] != mark:
            self.place += 2 if self.source[self.place] == "\\" else 1
        self._keep(start, self.source[start + 1 : self.place])

    def _expression(self) -> None:
        """A regular expression."""
        in_set = False
        self.place += 1
        while self.place < len(self.source) and (in_set or self.source[self.place] != "/"):
            letter = self.source[self.place]
            in_set = letter == "[" or (in_set and letter != "]")
            self.place += 2 if letter == "\\" else 1

    def _template(self) -> None:
        start, text = self.place, ""
        self.place += 1
        while self.place < len(self.source) and self.source[self.place] != "`":
            if self.source.startswith("${", self.place):
                self._hole()
                text += HOLE
            else:
                length = 2 if self.source[self.place] == "\\" else 1
                text += self.source[self.place : self.place + length]
                self.place += length
        self._keep(start, text)

    def _hole(self) -> None:
        """The code of a value, up to behind its closing brace."""
        self.place += 2
        depth = 1
        while self.place < len(self.source):
            letter = self.source[self.place]
            depth += (letter == "{") - (letter == "}")
            if depth == 0:
                break
            self._step()
        self.place += 1

    def _keep(self, start: int, text: str) -> None:
        plain = text.replace("\\n", "\n").replace('\\"', '"').replace("\\'", "'").replace("\\u00a0", " ")
        self.found.append(Literal(plain, self.source[max(0, start - 40) : start]))


def _end(source: str, mark: str, place: int) -> int:
    found = source.find(mark, place)
    return len(source) if found < 0 else found

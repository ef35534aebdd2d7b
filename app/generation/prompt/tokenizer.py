"""CLIP's byte-pair tokenizer in plain Python, so that the web process can count tokens without torch or transformers."""

from __future__ import annotations

import gzip
import heapq
import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal, Protocol

from app.errors import UserError

START_TOKEN = 49406
END_TOKEN = 49407
_MERGE_COUNT = 49152 - 256 - 2
_WORD_END = "</w>"
_CACHED_WORDS = 50_000
_MAX_CACHED_LETTERS = 64

TokenizerFlavour = Literal["clip_l", "open_clip"]
_MARKERS: dict[TokenizerFlavour, tuple[str, str]] = {
    "clip_l": ("<|startoftext|>", "<|endoftext|>"),
    "open_clip": ("<start_of_text>", "<end_of_text>"),
}
_BLANKS = re.compile(r"\s+")


class _WordPattern(Protocol):
    def finditer(self, string: str) -> Iterable[re.Match[str]]: ...


@dataclass(frozen=True)
class _Vocabulary:
    """``ranks``: which pair of symbols is joined first; ``ids``: symbol -> token id."""

    ranks: dict[tuple[str, str], int]
    ids: dict[str, int]


class ClipTokenizer:
    """Text -> token ids of the 49,408-entry CLIP vocabulary (Radford et al. 2021; byte-pair encoding: Sennrich et al. 2016).

    ``vocabulary``: the gzipped merge list of CLIP (a heading line, then 48,894 pairs), read at first use. The flavours differ in what they
    do before the encoding: ``clip_l`` as transformers' CLIPTokenizer, ``open_clip`` as open_clip's SimpleTokenizer.
    """

    start_token = START_TOKEN
    end_token = END_TOKEN

    def __init__(self, vocabulary: Path, flavour: TokenizerFlavour = "clip_l") -> None:
        self._path = vocabulary
        self._flavour = flavour
        self._markers = dict(zip(_MARKERS[flavour], (START_TOKEN, END_TOKEN), strict=True))
        self._known_words: dict[str, tuple[int, ...]] = {}
        self._known_texts: dict[str, tuple[int, ...]] = {}
        """Short texts as a whole: the names of embeddings come again with every prompt."""

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids of each text, without start and end."""
        return [self.encode_text(text) for text in texts]

    def encode_text(self, text: str) -> list[int]:
        """Token ids of one text, without start and end."""
        known = self._known_texts.get(text)
        if known is None:
            known = tuple(self._encode_anew(text))
            if len(text) <= _MAX_CACHED_LETTERS:
                if len(self._known_texts) >= _CACHED_WORDS:
                    self._known_texts.clear()
                self._known_texts[text] = known
        return list(known)

    def _encode_anew(self, text: str) -> list[int]:
        if self._flavour == "open_clip":
            return self._encode_clean(_fix_open_clip(text))
        ids: list[int] = []
        for piece in self._marker_pattern.split(text):
            ids.extend([self._markers[piece]] if piece in self._markers else self._encode_clean(_fix_clip_l(piece)))
        return ids

    @cached_property
    def comma_token(self) -> int:
        """The id of a comma that ends a word."""
        return self._vocabulary.ids["," + _WORD_END]

    def _encode_clean(self, text: str) -> list[int]:
        ids: list[int] = []
        for match in self._word_pattern.finditer(text):
            word = match.group()
            ids.extend([self._markers[word]] if word in self._markers else self._encode_word(word))
        return ids

    def _encode_word(self, word: str) -> tuple[int, ...]:
        known = self._known_words.get(word)
        if known is not None:
            return known
        symbols = [self._letters[byte] for byte in word.encode("utf-8", "replace")]
        symbols[-1] += _WORD_END
        vocabulary = self._vocabulary
        ids = tuple(vocabulary.ids[symbol] for symbol in _join_pairs(symbols, vocabulary.ranks))
        if len(word) <= _MAX_CACHED_LETTERS and len(self._known_words) < _CACHED_WORDS:
            self._known_words[word] = ids
        return ids

    @cached_property
    def _vocabulary(self) -> _Vocabulary:
        return _read_vocabulary(self._path, list(self._letters.values()))

    @cached_property
    def _letters(self) -> dict[int, str]:
        return _byte_letters()

    @cached_property
    def _marker_pattern(self) -> re.Pattern[str]:
        return re.compile("(" + "|".join(re.escape(marker) for marker in self._markers) + ")")

    @cached_property
    def _word_pattern(self) -> _WordPattern:
        import regex  # the standard library's re has no letter and number classes

        markers = "|".join(regex.escape(marker) for marker in self._markers)
        pattern: _WordPattern = regex.compile(
            markers + r"|'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\s\p{L}\p{N}]+",
            regex.IGNORECASE,
        )
        return pattern


def _fix_clip_l(text: str) -> str:
    import ftfy

    return _BLANKS.sub(" ", ftfy.fix_text(text)).strip().lower()


def _fix_open_clip(text: str) -> str:
    import ftfy

    unescaped = html.unescape(html.unescape(ftfy.fix_text(text)))
    return _BLANKS.sub(" ", unescaped).strip().lower()


def _byte_letters() -> dict[int, str]:
    """A printable character for each byte, in the order in which the vocabulary lists them: printable bytes stand for themselves."""
    printable = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    letters = {byte: chr(byte) for byte in printable}
    others = [byte for byte in range(256) if byte not in letters]
    return letters | {byte: chr(256 + index) for index, byte in enumerate(others)}


def _read_vocabulary(path: Path, letters: list[str]) -> _Vocabulary:
    try:
        lines = gzip.decompress(path.read_bytes()).decode("utf-8").split("\n")
    except (OSError, EOFError, ValueError) as error:
        raise UserError(
            f"The tokenizer's vocabulary {path} cannot be read: {error}.", hint="Install Paintbox again.", status=503
        ) from error
    merges = [(first, second) for first, second in (line.split(" ") for line in lines[1 : 1 + _MERGE_COUNT])]
    symbols = letters + [letter + _WORD_END for letter in letters] + [first + second for first, second in merges]
    return _Vocabulary(
        ranks={pair: rank for rank, pair in enumerate(merges)},
        ids={symbol: index for index, symbol in enumerate(symbols)},
    )


def _join_pairs(symbols: list[str], ranks: dict[tuple[str, str], int]) -> list[str]:
    """Join neighbours, the pair of lowest rank first and from the left, until no pair is known; n log n in the word's length."""
    following = list(range(1, len(symbols) + 1))
    previous = list(range(-1, len(symbols) - 1))
    alive: list[str | None] = list(symbols)
    heap: list[tuple[int, int, str, str]] = []

    def offer(left: int, right: int) -> None:
        if 0 <= left and right < len(alive):
            first, second = alive[left], alive[right]
            if first is not None and second is not None and (first, second) in ranks:
                heapq.heappush(heap, (ranks[first, second], left, first, second))

    for index in range(len(symbols) - 1):
        offer(index, index + 1)
    while heap:
        _, left, first, second = heapq.heappop(heap)
        right = following[left]
        if alive[left] != first or right >= len(alive) or alive[right] != second:
            continue
        alive[left], alive[right] = first + second, None
        following[left] = following[right]
        if following[left] < len(alive):
            previous[following[left]] = left
        offer(previous[left], left)
        offer(left, following[left])
    return [symbol for symbol in alive if symbol is not None]

"""Turns captions into CLIP token ids with the byte-pair merges of the stable_diffusion extension."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

MERGES = Path(__file__).resolve().parents[2] / "extensions" / "stable_diffusion" / "tokenizer" / "clip_bpe_merges.txt.gz"
MERGE_COUNT = 48_894
START, END = 49_406, 49_407
LENGTH = 77
PIECES = re.compile(r"[a-z]+|[0-9]|[^\sa-z0-9]+")


class CaptionTokenizer:
    """CLIP's byte-pair encoding for plain ASCII captions."""

    def __init__(self, merges_file: Path = MERGES) -> None:
        lines = gzip.decompress(merges_file.read_bytes()).decode("utf-8").split("\n")
        if lines[0].startswith(("#", '"')):
            lines = lines[1:]
        merges = [tuple(line.split()) for line in lines[:MERGE_COUNT]]
        self._ranks = {merge: rank for rank, merge in enumerate(merges)}
        letters = _byte_letters()
        words = [*letters, *(letter + "</w>" for letter in letters), *("".join(merge) for merge in merges)]
        self._ids = {word: index for index, word in enumerate(words)}
        self._known: dict[str, list[int]] = {}

    def ids(self, caption: str) -> list[int]:
        """77 ids: start, at most 75 tokens, end tokens to the end."""
        tokens = [token for piece in PIECES.findall(caption.lower()) for token in self._piece(piece)]
        tokens = [START, *tokens[: LENGTH - 2]]
        return tokens + [END] * (LENGTH - len(tokens))

    def _piece(self, piece: str) -> list[int]:
        if piece not in self._known:
            self._known[piece] = [self._ids[part] for part in self._merged(piece)]
        return self._known[piece]

    def _merged(self, piece: str) -> list[str]:
        parts = [*piece[:-1], piece[-1] + "</w>"]
        while len(parts) > 1:
            pairs = list(zip(parts, parts[1:], strict=False))
            best = min(pairs, key=lambda pair: self._ranks.get(pair, MERGE_COUNT))
            if best not in self._ranks:
                break
            place = pairs.index(best)
            parts[place : place + 2] = ["".join(best)]
        return parts


def _byte_letters() -> list[str]:
    """CLIP's 256 byte letters in vocabulary order: printable bytes as themselves, then the others from U+0100 on."""
    printable = [*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = range(256 - len(printable))
    return [chr(byte) for byte in printable] + [chr(0x100 + index) for index in others]

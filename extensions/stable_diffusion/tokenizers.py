"""The tokenizers of the text encoders, their vocabulary shipped beside this file; free of torch, for the web process too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.api import ClipTokenizer

from .architecture.text import TextLayout

VOCABULARY = Path(__file__).parent / "tokenizer" / "clip_bpe_merges.txt.gz"
OPENCLIP_PADDING = 0


@dataclass(frozen=True)
class Tokenizer:
    """A tokenizer and how its chunks are padded: CLIP with the end token, OpenCLIP with zeros after the first end token."""

    clip: ClipTokenizer
    zero_padding: bool

    def padded(self, tokens: Sequence[int]) -> list[int]:
        """The tokens as the encoder reads them."""
        if not self.zero_padding or self.clip.end_token not in tokens:
            return list(tokens)
        end = tokens.index(self.clip.end_token) + 1
        return [*tokens[:end], *[OPENCLIP_PADDING] * (len(tokens) - end)]


def make_tokenizer(layout: TextLayout) -> Tokenizer:
    """The tokenizer of a kind of text encoder; it reads its vocabulary at first use."""
    if layout == "openclip":
        return Tokenizer(ClipTokenizer(VOCABULARY, "open_clip"), zero_padding=True)
    return Tokenizer(ClipTokenizer(VOCABULARY, "clip_l"), zero_padding=False)

"""Which of many words occur in texts, as a text encoder's tokens see them; no torch."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from dataclasses import replace

from app.api import EncodeOptions, ModelFamily

MORE = 1000
"""So many vectors more are counted, whatever the padding between chunks was."""


def words_in(text: str, words: Mapping[str, int], family: ModelFamily, options: EncodeOptions) -> list[str]:
    """Those of ``words`` (name -> number of vectors) that stand for their vectors in the text, in the order of their first letters.

    A word is there when the tokens of the text are more for it having more vectors: so whatever hides a word from the family's
    tokenizer hides it here, a longer word in its place too.
    """
    likely = likely_words([text], words)
    if not likely:
        return []
    counts = {name: words[name] for name in likely}
    before, _ = family.count_tokens(text, _knowing(options, counts))
    found = [name for name in likely if family.count_tokens(text, _knowing(options, {**counts, name: counts[name] + MORE}))[0] != before]
    folded = _letters(text)
    return sorted(found, key=lambda name: folded.find(_letters(name)))


def likely_words(texts: Iterable[str], words: Iterable[str]) -> list[str]:
    """The words whose letters, without blanks and whatever their case, occur in a text: all that are there, and perhaps others."""
    folded = {_letters(text) for text in texts}
    return [word for word in words if any(_letters(word) in text for text in folded)]


def _letters(text: str) -> str:
    if not text.isascii() or "&" in text:
        import ftfy  # what the tokenizers do first

        text = html.unescape(html.unescape(ftfy.fix_text(text)))
    return "".join(text.replace("\\", "").lower().split())


def _knowing(options: EncodeOptions, words: Mapping[str, int]) -> EncodeOptions:
    return replace(options, embeddings=tuple(sorted(words.items())))

"""Prompts as plain words."""

from __future__ import annotations

import pytest

from extensions.infotext_captions.prompt import plain_words


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("a cat", "a cat"),
        ("(a cat:1.2), ((hat))", "a cat, hat"),
        ("<lora:x:0.5>, a cat, <hypernet:y:1>", "a cat"),
        ("a\ncat ,, hat", "a cat, hat"),
        (r"a \(real\) cat", "a (real) cat"),
        ("a BREAK b", "a b"),
        ("", ""),
    ],
)
def test_plain_words(prompt: str, words: str) -> None:
    assert plain_words(prompt) == words

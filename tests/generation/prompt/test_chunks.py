"""Tokens and chunks: recorded cases, and what a long prompt does."""

from __future__ import annotations

from operator import itemgetter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import UserError
from app.generation.prompt.chunks import ChunkOptions, PromptChunk, chunk_prompt, empty_chunk
from app.generation.prompt.tokenizer import ClipTokenizer, TokenizerFlavour
from app.testing.growth import MOST_GROWTH, growth
from app.testing.vectors import vector_cases

VOCABULARY = Path(__file__).parents[3] / "extensions" / "stable_diffusion" / "tokenizer" / "clip_bpe_merges.txt.gz"
COMMA = 267
END = 49407


@pytest.fixture(scope="module")
def tokenizers() -> dict[TokenizerFlavour, ClipTokenizer]:
    flavours: tuple[TokenizerFlavour, ...] = ("clip_l", "open_clip")
    return {flavour: ClipTokenizer(VOCABULARY, flavour) for flavour in flavours}


@pytest.fixture(scope="module")
def tokenizer(tokenizers: dict[TokenizerFlavour, ClipTokenizer]) -> ClipTokenizer:
    return tokenizers["clip_l"]


@pytest.mark.vectors
@pytest.mark.parametrize("case", vector_cases("token_chunks.json", "cases"), ids=itemgetter("id"))
def test_recorded_cases(case: dict[str, Any], tokenizers: dict[TokenizerFlavour, ClipTokenizer]) -> None:
    options = ChunkOptions(case["comma_padding_backtrack"], case["emphasis"], dict(case["embeddings"]))
    result = chunk_prompt(case["prompt"], tokenizers[case["encoder"]], options)
    assert (result.token_count, result.token_limit) == (case["token_count"], case["target_token_count"])
    assert [list(chunk.tokens) for chunk in result.chunks] == [chunk["tokens"] for chunk in case["chunks"]]
    for chunk, expected in zip(result.chunks, case["chunks"], strict=True):
        assert chunk.multipliers == pytest.approx(expected["multipliers"], rel=1e-12)
    assert [_fixes(chunk) for chunk in result.chunks] == _repaired_fixes(case["chunks"])


def _fixes(chunk: PromptChunk) -> list[list[Any]]:
    return [[fix.offset, fix.name] for fix in chunk.fixes]


def _repaired_fixes(chunks: list[dict[str, Any]]) -> list[list[list[Any]]]:
    """The recorded fixes, but each in the chunk that holds its placeholders.

    The program that recorded them moves an embedding's placeholders behind a comma to the next chunk and forgets the fix in the old
    one, where padding now stands at its offset.
    """
    repaired: list[list[list[Any]]] = [[] for _ in chunks]
    for index, chunk in enumerate(chunks):
        content = chunk["tokens"][1:-1]
        for offset, name in chunk["fixes"]:
            if offset < len(content) and content[offset] == 0:
                repaired[index].append([offset, name])
            else:
                kept = max(position for position, token in enumerate(content) if token == COMMA) + 1
                repaired[index + 1].append([offset - kept, name])
    return [sorted(fixes) for fixes in repaired]


def test_a_name_inside_a_longer_word_is_no_embedding(tokenizer: ClipTokenizer) -> None:
    result = chunk_prompt("catherine", tokenizer, ChunkOptions(embeddings={"cat": 2}))
    assert result.chunks[0].fixes == ()


def test_short_prompts_are_padded_like_the_empty_chunk(tokenizer: ClipTokenizer) -> None:
    assert chunk_prompt("", tokenizer).chunks == (empty_chunk(tokenizer),)


def test_markers_are_special_only_where_their_tokenizer_knows_them(tokenizers: dict[TokenizerFlavour, ClipTokenizer]) -> None:
    assert tokenizers["clip_l"].encode_text("a<|endoftext|>b").count(END) == 1
    assert END not in tokenizers["open_clip"].encode_text("a<|endoftext|>b")


def test_a_missing_vocabulary_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="nothing_here"):
        ClipTokenizer(tmp_path / "nothing_here.gz").encode(["a"])


@given(text=st.text())
def test_any_text_becomes_chunks_of_77(tokenizer: ClipTokenizer, text: str) -> None:
    for chunk in chunk_prompt(text, tokenizer, ChunkOptions(emphasis="None")).chunks:
        assert len(chunk.tokens) == len(chunk.multipliers) == 77


@pytest.mark.parametrize("unit", ["a", "ab ", "<|", "é猫", "&amp;", "'s", ","])
def test_the_work_grows_with_the_length_alone(unit: str, tokenizer: ClipTokenizer) -> None:
    assert growth(lambda text: chunk_prompt(text, tokenizer), unit) < MOST_GROWTH

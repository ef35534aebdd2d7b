"""Cuts a prompt into the 75-token chunks that CLIP text encoders read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from app.generation.prompt.attention import BREAK, BREAK_WEIGHT, WeightedText, parse_attention

CHUNK_TOKENS = 75
_PLACEHOLDER = 0


class PromptTokenizer(Protocol):
    """What the cutting needs of a tokenizer."""

    @property
    def start_token(self) -> int: ...

    @property
    def end_token(self) -> int: ...

    @property
    def comma_token(self) -> int: ...

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids of each text, without start and end."""
        ...


@dataclass(frozen=True)
class ChunkOptions:
    """How to cut. ``embeddings``: name -> number of vectors that a word of that name stands for; ``emphasis`` None: brackets are text."""

    comma_padding_backtrack: int = 20
    emphasis: str = "Original"
    embeddings: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class EmbeddingFix:
    """The vectors of embedding ``name`` replace the encoder's input from the token after ``offset`` on."""

    offset: int
    name: str


@dataclass(frozen=True)
class PromptChunk:
    """One reading of the encoder: 77 token ids with start and end (more only when one embedding is longer), a weight for each."""

    tokens: tuple[int, ...]
    multipliers: tuple[float, ...]
    fixes: tuple[EmbeddingFix, ...] = ()


@dataclass(frozen=True)
class PromptChunks:
    """A cut prompt; ``token_count`` of ``token_limit`` is what the token counter shows."""

    chunks: tuple[PromptChunk, ...]
    token_count: int

    @property
    def token_limit(self) -> int:
        """The next multiple of 75, at least 75."""
        return max(1, -(-self.token_count // CHUNK_TOKENS)) * CHUNK_TOKENS


def chunk_prompt(prompt: str, tokenizer: PromptTokenizer, options: ChunkOptions | None = None) -> PromptChunks:
    """Tokenize a prompt and cut it; a chunk that fills up gives what follows its last comma to the next one, if that is near."""
    options = options or ChunkOptions()
    pieces: list[WeightedText] = [(prompt, 1.0)] if options.emphasis == "None" else parse_attention(prompt)
    cutter = _Cutter(tokenizer, options.comma_padding_backtrack)
    embeddings = _EmbeddingFinder(tokenizer, options.embeddings)
    for (text, weight), tokens in zip(pieces, tokenizer.encode([text for text, _ in pieces]), strict=True):
        if text == BREAK and weight == BREAK_WEIGHT:
            cutter.end_chunk()
            continue
        position = 0
        while position < len(tokens):
            position += _add_next(cutter, embeddings, tokens, position, weight)
    return cutter.finish()


def empty_chunk(tokenizer: PromptTokenizer) -> PromptChunk:
    """The chunk that pads shorter prompts: start, then the end token throughout."""
    padding = (tokenizer.end_token,) * (CHUNK_TOKENS + 1)
    return PromptChunk((tokenizer.start_token, *padding), (1.0,) * (CHUNK_TOKENS + 2))


def _add_next(cutter: _Cutter, embeddings: _EmbeddingFinder, tokens: Sequence[int], position: int, weight: float) -> int:
    """Add the token or the embedding at ``position``; returns how many tokens of the text that was."""
    cutter.make_room(tokens[position])
    found = embeddings.at(tokens, position)
    if found is None:
        cutter.add_token(tokens[position], weight)
        return 1
    cutter.add_embedding(found.name, found.vectors, weight)
    return len(found.tokens)


@dataclass(frozen=True)
class _KnownEmbedding:
    name: str
    tokens: tuple[int, ...]
    vectors: int


class _EmbeddingFinder:
    """Finds embedding names among token ids, the longest first."""

    def __init__(self, tokenizer: PromptTokenizer, embeddings: Mapping[str, int]) -> None:
        names = list(embeddings)
        known = [
            _KnownEmbedding(name, tuple(tokens), embeddings[name])
            for name, tokens in zip(names, tokenizer.encode(names), strict=True)
            if tokens
        ]
        self._by_first_token: dict[int, list[_KnownEmbedding]] = {}
        for embedding in sorted(known, key=lambda item: len(item.tokens), reverse=True):
            self._by_first_token.setdefault(embedding.tokens[0], []).append(embedding)

    def at(self, tokens: Sequence[int], position: int) -> _KnownEmbedding | None:
        for embedding in self._by_first_token.get(tokens[position], ()):
            if tuple(tokens[position : position + len(embedding.tokens)]) == embedding.tokens:
                return embedding
        return None


class _Cutter:
    """The chunk being filled and those already full."""

    def __init__(self, tokenizer: PromptTokenizer, comma_padding_backtrack: int) -> None:
        self._tokenizer = tokenizer
        self._backtrack = comma_padding_backtrack
        self._chunks: list[PromptChunk] = []
        self._token_count = 0
        self._start([], [], [])

    def _start(self, tokens: list[int], multipliers: list[float], fixes: list[EmbeddingFix]) -> None:
        self._tokens, self._multipliers, self._fixes = tokens, multipliers, fixes
        self._last_comma: int | None = None

    def make_room(self, token: int) -> None:
        """Begin the next chunk if this one is full; a comma never moves what stands before it."""
        if token == self._tokenizer.comma_token:
            self._last_comma = len(self._tokens)
        elif len(self._tokens) == CHUNK_TOKENS:
            self._move_after_comma()
        if len(self._tokens) == CHUNK_TOKENS:
            self.end_chunk()

    def _move_after_comma(self) -> None:
        """Give the tokens after a comma that is near enough to the next chunk, with the embeddings among them."""
        if self._last_comma is None or self._backtrack == 0 or len(self._tokens) - self._last_comma > self._backtrack:
            return
        cut = self._last_comma + 1
        moved_fixes = [EmbeddingFix(fix.offset - cut, fix.name) for fix in self._fixes if fix.offset >= cut]
        moved = (self._tokens[cut:], self._multipliers[cut:], moved_fixes)
        del self._tokens[cut:], self._multipliers[cut:]
        self._fixes = [fix for fix in self._fixes if fix.offset < cut]
        self.end_chunk()
        self._start(*moved)

    def add_token(self, token: int, weight: float) -> None:
        self._tokens.append(token)
        self._multipliers.append(weight)

    def add_embedding(self, name: str, vectors: int, weight: float) -> None:
        """Add placeholders for the vectors; an embedding is never cut in two."""
        if len(self._tokens) + vectors > CHUNK_TOKENS:
            self.end_chunk()
        self._fixes.append(EmbeddingFix(len(self._tokens), name))
        self._tokens.extend([_PLACEHOLDER] * vectors)
        self._multipliers.extend([weight] * vectors)

    def end_chunk(self) -> None:
        """Close the chunk as a full one: its padding counts as tokens."""
        self._close(counted=CHUNK_TOKENS)

    def finish(self) -> PromptChunks:
        if self._tokens or not self._chunks:
            self._close(counted=len(self._tokens))
        return PromptChunks(tuple(self._chunks), self._token_count)

    def _close(self, counted: int) -> None:
        padding = max(0, CHUNK_TOKENS - len(self._tokens))
        end = self._tokenizer.end_token
        self._chunks.append(
            PromptChunk(
                tokens=(self._tokenizer.start_token, *self._tokens, *(end,) * padding, end),
                multipliers=(1.0, *self._multipliers, *(1.0,) * (padding + 1)),
                fixes=tuple(self._fixes),
            )
        )
        self._token_count += counted
        self._start([], [], [])

"""Turns prompts into conditioning: chunks of tokens, one or two text encoders, emphasis, and what a family adds to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import torch
from torch import Tensor

from app.api import (
    ChunkOptions,
    Conditioning,
    EncodeOptions,
    PromptChunk,
    TextEmbedding,
    UserError,
    apply_emphasis,
    chunk_prompt,
    empty_chunk,
)

from .params import EncodingSettings
from .text_encoder import Reading, TextEncoder, reading_of
from .tokenizers import Tokenizer

ROWS_AT_A_TIME = 32
CHUNK_TOKENS = 75
NO_WORDS: Mapping[str, Mapping[str, Tensor]] = MappingProxyType({})


@dataclass(frozen=True)
class Encoded:
    """What one encoder made of all prompts: ``context`` (B, tokens, width), ``pooled`` (B, P) of each prompt's first chunk."""

    context: Tensor
    pooled: Tensor | None


@dataclass(frozen=True)
class PromptEncoder:
    """The text encoders of a model with their tokenizers, in the order in which their outputs are joined."""

    family: str
    encoders: tuple[TextEncoder, ...]
    tokenizers: tuple[Tokenizer, ...]
    bring: Callable[[str], None] = lambda name: None
    """Told the name of an encoder before it is used."""

    def encode(self, prompts: Sequence[str], options: EncodeOptions, words: Sequence[TextEmbedding] = ()) -> list[Conditioning]:
        """Encode prompts, in which ``words`` stand for vectors; all get the length of the longest, shorter ones by empty chunks.

        Equal prompts are one object.
        """
        if not prompts:
            return []
        options = replace(options, embeddings=tuple((word.name, word.count) for word in words))
        counts = Counter(prompts)
        vectors = {word.name: word.vectors for word in words}
        known = dict(zip(counts, self._encode(tuple(counts), tuple(counts.values()), options, vectors), strict=True))
        return [known[prompt] for prompt in prompts]

    def _encode(
        self, prompts: Sequence[str], counts: Sequence[int], options: EncodeOptions, vectors: Mapping[str, Mapping[str, Tensor]]
    ) -> list[Conditioning]:
        """Encode different prompts, of which each counts so often where the mean of all is kept."""
        cut = self._cut(prompts, options)
        encoded = [self._run(place, chunks, counts, options, vectors) for place, chunks in enumerate(cut)]
        context = torch.cat([part.context for part in encoded], dim=-1)
        pooled = next((part.pooled for part in reversed(encoded) if part.pooled is not None), None)
        if pooled is not None and options.negative and not any(prompts):
            context, pooled = torch.zeros_like(context), torch.zeros_like(pooled)
        return [self._conditioning(context[row], None if pooled is None else pooled[row], options) for row in range(len(prompts))]

    def _cut(self, prompts: Sequence[str], options: EncodeOptions) -> list[list[list[PromptChunk]]]:
        """For each encoder, the chunks of each prompt: equally many everywhere."""
        cutting = chunk_options(options)

        def chunks_of(prompt: str, tokenizer: Tokenizer) -> list[PromptChunk]:
            options.on_rows()
            return list(chunk_prompt(prompt, tokenizer.clip, cutting).chunks)

        cut = [[chunks_of(prompt, tokenizer) for prompt in prompts] for tokenizer in self.tokenizers]
        length = max(len(chunks) for per_encoder in cut for chunks in per_encoder)
        for tokenizer, per_encoder in zip(self.tokenizers, cut, strict=True):
            for chunks in per_encoder:
                chunks += [empty_chunk(tokenizer.clip)] * (length - len(chunks))
        return cut

    def _run(
        self,
        place: int,
        prompts: list[list[PromptChunk]],
        counts: Sequence[int],
        options: EncodeOptions,
        vectors: Mapping[str, Mapping[str, Tensor]],
    ) -> Encoded:
        """All prompts together, chunk by chunk: emphasis keeps the mean over the batch, as the A1111 reference does."""
        reading = reading_of(self.family, place, options.clip_skip, EncodingSettings.of(options))
        contexts: list[Tensor] = []
        first_pooled: Tensor | None = None
        for row in zip(*prompts, strict=True):
            hidden, pooled = self._read(place, row, reading, options.on_rows, vectors)
            contexts.append(apply_emphasis(hidden, [chunk.multipliers for chunk in row], options.emphasis, counts))
            first_pooled = pooled if first_pooled is None else first_pooled
        return Encoded(torch.cat(contexts, dim=1), first_pooled)

    def _read(
        self,
        place: int,
        row: Sequence[PromptChunk],
        reading: Reading,
        on_rows: Callable[[], None] = lambda: None,
        vectors: Mapping[str, Mapping[str, Tensor]] = NO_WORDS,
    ) -> tuple[Tensor, Tensor | None]:
        """The hidden states (B, T, width) and pooled vectors (B, P) of one chunk of each prompt."""
        encoder = self.encoders[place]
        tokens = _padded(row, self.tokenizers[place])
        fixes = [_fixes(chunk, encoder.part.name, vectors) for chunk in row]
        self.bring(encoder.part.name)
        read = []
        for at in range(0, len(row), ROWS_AT_A_TIME):
            on_rows()
            read.append(encoder(tokens[at : at + ROWS_AT_A_TIME], reading, fixes[at : at + ROWS_AT_A_TIME]))
        pooled = [vectors for _, vectors in read if vectors is not None]
        return torch.cat([hidden for hidden, _ in read]), torch.cat(pooled) if pooled else None

    def _conditioning(self, context: Tensor, pooled: Tensor | None, options: EncodeOptions) -> Conditioning:
        context = context.clone()  # a view would keep the whole batch in memory
        if pooled is None:
            return Conditioning(context)
        sizes = torch.tensor(_sizes(self.family, options), dtype=torch.float32, device=context.device)
        return Conditioning(context, pooled.clone(), {"sizes": sizes})


def chunk_options(options: EncodeOptions) -> ChunkOptions:
    """How prompts are cut."""
    return ChunkOptions(options.comma_padding_backtrack, options.emphasis, dict(options.embeddings))


def _padded(row: Sequence[PromptChunk], tokenizer: Tokenizer) -> Tensor:
    """Token ids (B, T); raises UserError for an embedding that no chunk has room for."""
    if any(len(chunk.tokens) > CHUNK_TOKENS + 2 for chunk in row):
        name = next(fix.name for chunk in row if len(chunk.tokens) > CHUNK_TOKENS + 2 for fix in chunk.fixes)
        raise UserError(f"The embedding {name!r} has more than {CHUNK_TOKENS} vectors, which no text encoder can read.", field="prompt")
    return torch.tensor([tokenizer.padded(chunk.tokens) for chunk in row])


def _fixes(chunk: PromptChunk, encoder: str, vectors: Mapping[str, Mapping[str, Tensor]]) -> list[tuple[int, Tensor]]:
    """Where which vectors go in one chunk; an embedding may have none for this encoder."""
    return [(fix.offset, vectors[fix.name][encoder]) for fix in chunk.fixes if encoder in vectors.get(fix.name, {})]


def _sizes(family: str, options: EncodeOptions) -> list[float]:
    """The picture's size (height, width), the crop's corner (top, left), then the target size, or the refiner's aesthetic score."""
    settings = EncodingSettings.of(options)
    size = [float(options.height_px), float(options.width_px)]
    corner = [float(settings.sdxl_crop_top), float(settings.sdxl_crop_left)]
    if family == "sdxl-refiner":
        low, high = settings.sdxl_refiner_low_aesthetic_score, settings.sdxl_refiner_high_aesthetic_score
        return [*size, *corner, low if options.negative else high]
    return [*size, *corner, *size]

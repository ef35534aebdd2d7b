"""Turns prompts into conditioning: chunks of tokens, one or two text encoders, emphasis, and what a family adds to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from app.api import ChunkOptions, Conditioning, EncodeOptions, PromptChunk, apply_emphasis, chunk_prompt, empty_chunk

from .text_encoder import TextEncoder, reading_of
from .tokenizers import Tokenizer

REFINER_SCORE = 6.0
REFINER_NEGATIVE_SCORE = 2.5


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

    def encode(self, prompts: Sequence[str], options: EncodeOptions) -> list[Conditioning]:
        """Encode prompts; all get the length of the longest, shorter ones by empty chunks."""
        if not prompts:
            return []
        cut = [self._cut(prompts, tokenizer, options) for tokenizer in self.tokenizers]
        count = max(len(chunks) for per_encoder in cut for chunks in per_encoder)
        encoded = [
            self._run(encoder, tokenizer, chunks, count, options)
            for encoder, tokenizer, chunks in zip(self.encoders, self.tokenizers, cut, strict=True)
        ]
        context = torch.cat([part.context for part in encoded], dim=-1)
        pooled = next((part.pooled for part in reversed(encoded) if part.pooled is not None), None)
        if pooled is not None and options.negative and not any(prompts):
            context, pooled = torch.zeros_like(context), torch.zeros_like(pooled)
        return [self._conditioning(context[row], None if pooled is None else pooled[row], options) for row in range(len(prompts))]

    def _cut(self, prompts: Sequence[str], tokenizer: Tokenizer, options: EncodeOptions) -> list[tuple[PromptChunk, ...]]:
        cutting = ChunkOptions(comma_padding_backtrack=options.comma_padding_backtrack, emphasis=options.emphasis)
        return [chunk_prompt(prompt, tokenizer.clip, cutting).chunks for prompt in prompts]

    def _run(
        self, encoder: TextEncoder, tokenizer: Tokenizer, prompts: list[tuple[PromptChunk, ...]], count: int, options: EncodeOptions
    ) -> Encoded:
        """All prompts together, chunk by chunk: emphasis keeps the mean over the batch, as the A1111 reference does."""
        empty = empty_chunk(tokenizer.clip)
        reading = reading_of(self.family, options.clip_skip)
        contexts: list[Tensor] = []
        first_pooled: Tensor | None = None
        for index in range(count):
            row = [chunks[index] if index < len(chunks) else empty for chunks in prompts]
            tokens = torch.tensor([tokenizer.padded(chunk.tokens) for chunk in row])
            self.bring(encoder.part.name)
            hidden, pooled = encoder(tokens, reading)
            contexts.append(apply_emphasis(hidden, [chunk.multipliers for chunk in row], options.emphasis))
            first_pooled = pooled if index == 0 else first_pooled
        return Encoded(torch.cat(contexts, dim=1), first_pooled)

    def _conditioning(self, context: Tensor, pooled: Tensor | None, options: EncodeOptions) -> Conditioning:
        if pooled is None:
            return Conditioning(context)
        sizes = torch.tensor(_sizes(self.family, options), dtype=torch.float32, device=context.device)
        return Conditioning(context, pooled, {"sizes": sizes})


def _sizes(family: str, options: EncodeOptions) -> list[float]:
    """The picture's size (height, width), the crop's corner (top, left), then the target size, or the refiner's aesthetic score."""
    height, width = float(options.height_px), float(options.width_px)
    if family == "sdxl-refiner":
        return [height, width, 0.0, 0.0, REFINER_NEGATIVE_SCORE if options.negative else REFINER_SCORE]
    return [height, width, 0.0, 0.0, height, width]

"""Runs one CLIP text encoder: token ids to the hidden states that a family conditions on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from app.api import UserError, insert_embeddings

from .architecture.text import TextPart
from .params import EncodingSettings

Fixes = Sequence[tuple[int, Tensor]]


@dataclass(frozen=True)
class Reading:
    """Which hidden state is used: ``skip`` 1 is the last; ``final_norm``: the last layer norm follows it."""

    skip: int
    final_norm: bool


def reading_of(family: str, place: int, clip_skip: int, settings: EncodingSettings) -> Reading:
    """SD1 obeys clip skip; SD2 is trained on the penultimate state, its last block is not even loaded; SDXL takes it without the norm.

    ``place``: which of the family's encoders; SDXL's first one obeys clip skip where the settings say so.
    """
    if family == "sdxl" and place == 0 and settings.sdxl_clip_l_skip:
        return Reading(max(1, clip_skip), final_norm=False)
    if family == "sd1":
        return Reading(max(1, clip_skip), final_norm=True)
    if family == "sd2":
        return Reading(1, final_norm=True)
    return Reading(2, final_norm=False)


class TextEncoder:
    """A text encoder on its device."""

    def __init__(self, part: TextPart, module: nn.Module, device: torch.device) -> None:
        self.part = part
        self.module = module
        self._device = device

    @torch.no_grad()
    def __call__(self, tokens: Tensor, reading: Reading, fixes: Sequence[Fixes] = ()) -> tuple[Tensor, Tensor | None]:
        """Token ids (B, T) -> hidden states (B, T, width) and, for encoders with a projection, the pooled vectors (B, P); float32.

        ``fixes`` of each row are vectors (n, width) that replace what the tokens behind an offset are read as.
        """
        with self._fixed(fixes):
            output = self.module(input_ids=tokens.to(self._device), output_hidden_states=True, return_dict=True)
        hidden = self._chosen(output, reading)
        pooled = output.text_embeds.float() if self.part.projection else None
        return hidden.float(), pooled

    @contextmanager
    def _fixed(self, fixes: Sequence[Fixes]) -> Iterator[None]:
        """Replace rows of what the table of tokens gives, inside the context."""
        if not any(fixes):
            yield
            return

        def replaced(table: nn.Module, given: object, rows: Tensor) -> Tensor:
            return torch.stack([insert_embeddings(row, own) for row, own in zip(rows, fixes, strict=True)])

        handle = self._table().register_forward_hook(replaced)
        try:
            yield
        finally:
            handle.remove()

    def _table(self) -> nn.Module:
        """The embedding of tokens."""
        encoder = self.module.text_model if hasattr(self.module, "text_model") else self.module
        return encoder.embeddings.token_embedding  # type: ignore[return-value,union-attr]

    def _chosen(self, output: object, reading: Reading) -> Tensor:
        states: tuple[Tensor, ...] = output.hidden_states  # type: ignore[attr-defined]
        blocks = len(states) - 1
        if reading.skip > blocks:
            raise UserError(
                f"Clip skip {reading.skip} is too much: the text encoder of this checkpoint has {blocks} layers.",
                hint=f"Choose at most {blocks}.",
                field="clip_skip",
            )
        state = states[-reading.skip]
        return self._final_norm(state) if reading.final_norm else state

    def _final_norm(self, state: Tensor) -> Tensor:
        encoder = self.module.text_model if hasattr(self.module, "text_model") else self.module
        normed: Tensor = encoder.final_layer_norm(state)  # type: ignore[operator,union-attr]
        return normed

"""Lets the attention of the U-Net and the VAE be computed in another way, for a while."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

from app.api import Attention, AttentionFunction, LoadedModel
from extensions.stable_diffusion.model import StableDiffusionModel

PARTS = ("unet", "vae")


class AttentionPatch:
    """A ModelPatch: every attention layer of the U-Net and the VAE uses ``attention`` (None: PyTorch's own), ``upcast``: in float32."""

    def __init__(self, attention: Attention | None, *, upcast: bool = False) -> None:
        self._attention = attention
        self._upcast = upcast
        self.key = f"attention:{attention.name if attention else ''}{' in float32' if upcast else ''}"

    @contextmanager
    def apply(self, model: LoadedModel) -> Iterator[None]:
        """Exchange diffusers' attention processors for the length of the context."""
        function = self._attention.load() if self._attention else scaled_dot_product_attention
        processor = ChosenAttention(in_float32(function) if self._upcast else function)
        parts: list[Any] = [part for name, part in model.modules().items() if name in PARTS and hasattr(part, "set_attn_processor")]
        before = [(part, dict(part.attn_processors)) for part in parts]
        upcast = model.attention_in_float32() if self._upcast and isinstance(model, StableDiffusionModel) else nullcontext()
        try:
            for part in parts:
                part.set_attn_processor(processor)
            with upcast:
                yield
        finally:
            for part, processors in before:
                part.set_attn_processor(processors)


def in_float32(function: AttentionFunction) -> AttentionFunction:
    """The same attention, computed in float32 whatever the format of its tensors; for models whose scores overflow in half precision."""

    def upcast(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None) -> Tensor:
        shown = mask if mask is None or mask.dtype is torch.bool else mask.float()
        return function(query.float(), key.float(), value.float(), shown).to(query.dtype)

    return upcast


class ChosenAttention:
    """A processor for diffusers' Attention layers: their projections around one function."""

    def __init__(self, function: AttentionFunction) -> None:
        self._function = function

    def __call__(
        self,
        layer: Any,
        hidden_states: Tensor,
        encoder_hidden_states: Tensor | None = None,
        attention_mask: Tensor | None = None,
        temb: Tensor | None = None,
    ) -> Tensor:
        """``hidden_states`` (B, N, C) or (B, C, h, w), ``encoder_hidden_states`` (B, M, C') or None (itself); ``temb`` is not used."""
        picture_shape = hidden_states.shape if hidden_states.ndim == 4 else None
        rows = hidden_states.flatten(2).transpose(1, 2) if picture_shape else hidden_states
        if layer.group_norm is not None:
            rows = layer.group_norm(rows.transpose(1, 2)).transpose(1, 2)
        context = rows if encoder_hidden_states is None else encoder_hidden_states
        mask = None if attention_mask is None else _mask(layer, attention_mask, context)
        query, key, value = (_heads(projected, layer.heads) for projected in (layer.to_q(rows), layer.to_k(context), layer.to_v(context)))
        mixed = self._function(query, key, value, mask)
        output: Tensor = layer.to_out[1](layer.to_out[0](mixed.transpose(1, 2).flatten(2)))
        if picture_shape:
            output = output.transpose(1, 2).reshape(picture_shape)
        if layer.residual_connection:
            output = output + hidden_states
        scaled: Tensor = output if layer.rescale_output_factor == 1 else output / layer.rescale_output_factor
        return scaled


def _heads(projected: Tensor, heads: int) -> Tensor:
    """(B, N, heads * D) -> (B, heads, N, D)."""
    apart: Tensor = projected.unflatten(2, (heads, -1)).transpose(1, 2)
    return apart


def _mask(layer: Any, mask: Tensor, context: Tensor) -> Tensor:
    """The mask as diffusers prepares it, (B, heads, N or 1, M)."""
    batch, keys = context.shape[:2]
    prepared: Tensor = layer.prepare_attention_mask(mask, keys, batch)
    shaped: Tensor = prepared.view(batch, layer.heads, -1, prepared.shape[-1])
    return shaped

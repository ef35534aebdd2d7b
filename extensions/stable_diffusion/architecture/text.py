"""Finds the text encoders of a checkpoint, and derives their configurations (transformers' CLIPTextConfig) from shapes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from app.api import ModelFileError

from .shapes import Shapes, has, numbers, size, strip_prefix

TextLayout = Literal["clip", "openclip"]
HEAD_WIDTH = 64
SD2_BLOCKS_USED = 23
SD2_WIDTH = 1024


@dataclass(frozen=True)
class TextPart:
    """A text encoder inside a checkpoint.

    ``prefix``: what its tensor names begin with; ``blocks``: transformer blocks that are loaded (of SD2's 24 the last is never
    used); ``projection``: it also gives a pooled vector.
    """

    name: str
    prefix: str
    layout: TextLayout
    blocks: int
    projection: bool
    config: dict[str, Any]


def text_parts(shapes: Shapes, family: str) -> list[TextPart]:
    """The text encoders in the order in which their outputs are joined; empty when the checkpoint has none."""
    if family == "sdxl":
        first = _clip(shapes, "text_encoder", ("conditioner.embedders.0.transformer.",))
        second = _openclip(shapes, "text_encoder_2", ("conditioner.embedders.1.model.",), projection=True)
        return [part for part in (first, second) if part]
    if family == "sdxl-refiner":
        only = _openclip(shapes, "text_encoder", ("conditioner.embedders.0.model.",), projection=True)
    elif family == "sd2":
        only = _openclip(shapes, "text_encoder", ("cond_stage_model.model.", "conditioner.embedders.0.model."), projection=False)
    else:
        only = _clip(shapes, "text_encoder", ("cond_stage_model.transformer.", "conditioner.embedders.0.transformer."))
    return [only] if only else []


def _clip(shapes: Shapes, name: str, prefixes: tuple[str, ...]) -> TextPart | None:
    """CLIP in transformers' names, with or without their ``text_model.`` level."""
    for prefix in (f"{start}{level}" for start in prefixes for level in ("text_model.", "")):
        part = strip_prefix(shapes, prefix)
        if "embeddings.token_embedding.weight" not in part:
            continue
        blocks = len(numbers(part, "encoder.layers."))
        config = _config(
            vocabulary=size(part, "embeddings.token_embedding.weight", 0),
            width=size(part, "embeddings.token_embedding.weight", 1),
            positions=size(part, "embeddings.position_embedding.weight", 0),
            inner=size(part, "encoder.layers.0.mlp.fc1.weight", 0),
            blocks=blocks,
        )
        return TextPart(name, prefix, "clip", blocks, False, {**config, "hidden_act": "quick_gelu"})
    return None


def _openclip(shapes: Shapes, name: str, prefixes: tuple[str, ...], *, projection: bool) -> TextPart | None:
    for prefix in prefixes:
        part = strip_prefix(shapes, prefix)
        if "token_embedding.weight" not in part or not has(part, "transformer.resblocks."):
            continue
        present = len(numbers(part, "transformer.resblocks."))
        width = size(part, "token_embedding.weight", 1)
        blocks = present if projection else _used_blocks(present, width)
        config = _config(
            vocabulary=size(part, "token_embedding.weight", 0),
            width=width,
            positions=size(part, "positional_embedding", 0),
            inner=size(part, "transformer.resblocks.0.mlp.c_fc.weight", 0),
            blocks=blocks,
        )
        if projection:
            config["projection_dim"] = size(part, "text_projection", 1)
        return TextPart(name, prefix, "openclip", blocks, projection, {**config, "hidden_act": "gelu"})
    return None


def _used_blocks(present: int, width: int) -> int:
    """SD2 takes the output before the last block; files of 23 blocks have left that one out."""
    used = min(present, SD2_BLOCKS_USED) if width == SD2_WIDTH else present - 1
    if used < 1:
        raise ModelFileError("its text encoder has too few blocks")
    return used


def _config(*, vocabulary: int, width: int, positions: int, inner: int, blocks: int) -> dict[str, Any]:
    return {
        "vocab_size": vocabulary,
        "hidden_size": width,
        "intermediate_size": inner,
        "num_hidden_layers": blocks,
        "num_attention_heads": max(1, width // HEAD_WIDTH),
        "max_position_embeddings": positions,
    }

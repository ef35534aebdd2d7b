"""Derives the configuration of a U-Net (keyword arguments of diffusers' UNet2DConditionModel) from its LDM-layout shapes.

LDM numbers its blocks through: ``input_blocks.0`` is the first convolution, then each level has its residual blocks (``.0``, with a
transformer as ``.1`` where the level attends) and ends in a downsampling block (``.0.op``), the last level without one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.api import ModelFileError

from .shapes import Shapes, has, numbers, size

SD1_HEADS = 8
HEAD_WIDTH = 64
SIZE_EMBEDDING_WIDTH = 256


@dataclass(frozen=True)
class Level:
    """One resolution of a U-Net: output channels, and for each residual block how many transformer blocks follow it."""

    channels: int
    depths: tuple[int, ...]


def unet_config(shapes: Shapes, family: str) -> dict[str, Any]:
    """Keyword arguments of UNet2DConditionModel; ``shapes`` without prefix. The number of heads is the family's: shapes hide it."""
    down = _down_levels(shapes)
    up = _up_levels(shapes, len(down))
    blocks = len(down[0].depths)
    if any(len(level.depths) != blocks for level in down) or any(len(level.depths) != blocks + 1 for level in up):
        raise ModelFileError("its U-Net has a layout that is not known (levels of unequal length)")
    channels = [level.channels for level in down]
    config: dict[str, Any] = {
        "in_channels": size(shapes, "input_blocks.0.0.weight", 1),
        "out_channels": size(shapes, "out.2.weight", 0),
        "layers_per_block": blocks,
        "block_out_channels": tuple(channels),
        "down_block_types": tuple("CrossAttnDownBlock2D" if any(level.depths) else "DownBlock2D" for level in down),
        "up_block_types": tuple("CrossAttnUpBlock2D" if any(level.depths) else "UpBlock2D" for level in up),
        "attention_head_dim": SD1_HEADS if family == "sd1" else tuple(max(1, count // HEAD_WIDTH) for count in channels),
        "use_linear_projection": _linear_projection(shapes),
    }
    context = _context_width(shapes)
    if context is not None:
        config["cross_attention_dim"] = context
    config.update(_transformer_depths(shapes, down, up))
    config.update(_embeddings(shapes))
    return config


def _down_levels(shapes: Shapes) -> list[Level]:
    levels: list[Level] = []
    channels = 0
    depths: list[int] = []
    for index in numbers(shapes, "input_blocks.")[1:]:
        block = f"input_blocks.{index}."
        if f"{block}0.op.weight" in shapes:
            levels.append(Level(channels, tuple(depths)))
            depths = []
            continue
        channels = size(shapes, f"{block}0.in_layers.2.weight", 0)
        depths.append(_depth(shapes, f"{block}1."))
    levels.append(Level(channels, tuple(depths)))
    return levels


def _up_levels(shapes: Shapes, count: int) -> list[Level]:
    blocks = numbers(shapes, "output_blocks.")
    if not blocks or len(blocks) % count:
        raise ModelFileError(f"its U-Net has {len(blocks)} output blocks for {count} levels")
    each = len(blocks) // count
    levels = []
    for start in range(0, len(blocks), each):
        level = blocks[start : start + each]
        channels = size(shapes, f"output_blocks.{level[0]}.0.in_layers.2.weight", 0)
        levels.append(Level(channels, tuple(_depth(shapes, f"output_blocks.{index}.1.") for index in level)))
    return levels


def _depth(shapes: Shapes, block: str) -> int:
    return len(numbers(shapes, f"{block}transformer_blocks."))


def _transformer_depths(shapes: Shapes, down: list[Level], up: list[Level]) -> dict[str, Any]:
    """Depths per level; spelled out for the way up only where it does not mirror the way down (distilled models)."""
    middle = _depth(shapes, "middle_block.1.")
    attending = [max(level.depths) for level in down]
    depths = tuple(depth or 1 for depth in attending)
    result: dict[str, Any] = {"transformer_layers_per_block": depths}
    if not middle:
        result["mid_block_type"] = "UNetMidBlock2D"
    elif middle != depths[-1]:
        depths = (*depths[:-1], middle)
        if attending[-1]:
            raise ModelFileError("its U-Net has a middle block of a depth that is not known")
        result["transformer_layers_per_block"] = depths
    mirrored = all(set(level.depths) == {depth} for level, depth in zip(up, reversed(attending), strict=True))
    if not mirrored:
        result["reverse_transformer_layers_per_block"] = tuple(level.depths if any(level.depths) else 1 for level in up)
    return result


def _embeddings(shapes: Shapes) -> dict[str, Any]:
    """What is added to the time embedding: SDXL's vector of pooled text and sizes, LCM's guidance scale."""
    config: dict[str, Any] = {}
    if "label_emb.0.0.weight" in shapes:
        config["addition_embed_type"] = "text_time"
        config["addition_time_embed_dim"] = SIZE_EMBEDDING_WIDTH
        config["projection_class_embeddings_input_dim"] = size(shapes, "label_emb.0.0.weight", 1)
    if "time_embed.cond_proj.weight" in shapes:
        config["time_cond_proj_dim"] = size(shapes, "time_embed.cond_proj.weight", 1)
    return config


def _context_width(shapes: Shapes) -> int | None:
    return next((shape[1] for name, shape in shapes.items() if name.endswith(".attn2.to_k.weight") and len(shape) == 2), None)


def _linear_projection(shapes: Shapes) -> bool:
    return has(shapes, "input_blocks.") and any(len(shape) == 2 for name, shape in shapes.items() if name.endswith(".proj_in.weight"))

"""The two names of a U-Net's layers: diffusers', which the loaded module has, and those of the original code (LDM)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

_FIXED: Mapping[str, str] = {
    "conv_in": "input_blocks.0.0",
    "conv_norm_out": "out.0",
    "conv_out": "out.2",
    "time_embedding.linear_1": "time_embed.0",
    "time_embedding.linear_2": "time_embed.2",
    "add_embedding.linear_1": "label_emb.0.0",
    "add_embedding.linear_2": "label_emb.0.2",
}
_IN_RESNET: Mapping[str, str] = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "time_emb_proj": "emb_layers.1",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "conv_shortcut": "skip_connection",
}
_BLOCK = re.compile(r"(down_blocks|up_blocks)\.(\d+)\.(resnets|attentions|downsamplers|upsamplers)\.(\d+)(?:\.(.+))?$")
_MIDDLE = re.compile(r"mid_block\.(resnets|attentions)\.(\d+)\.(.+)$")
_DEPTH = re.compile(r"down_blocks\.0\.resnets\.(\d+)\.")


def ldm_names(layers: Iterable[str]) -> dict[str, str]:
    """LDM's name of each layer, by diffusers' name; those that it has no name for are left out."""
    layers = list(layers)
    rows = 1 + max((int(found[1]) + 1 for layer in layers if (found := _DEPTH.match(layer))), default=2)
    with_attention = {layer.split(".attentions.")[0] for layer in layers if ".attentions." in layer}
    named = ((layer, _ldm_name(layer, rows, with_attention)) for layer in layers)
    return {layer: name for layer, name in named if name}


def _ldm_name(layer: str, rows: int, with_attention: set[str]) -> str:
    """``rows``: numbered blocks a level, the change of size included; ``with_attention``: levels that have transformers."""
    if layer in _FIXED:
        return _FIXED[layer]
    middle = _MIDDLE.match(layer)
    if middle:
        kind, index, rest = middle.groups()
        return f"middle_block.{2 * int(index)}.{_IN_RESNET[rest]}" if kind == "resnets" else f"middle_block.1.{rest}"
    block = _BLOCK.match(layer)
    if not block:
        return ""
    side, level, kind, index, rest = block[1], int(block[2]), block[3], int(block[4]), block[5]
    if kind == "downsamplers":
        return f"input_blocks.{(level + 1) * rows}.0.op"
    if kind == "upsamplers":
        return f"output_blocks.{level * rows + rows - 1}.{2 if f'{side}.{level}' in with_attention else 1}.conv"
    row = f"input_blocks.{1 + level * rows + index}" if side == "down_blocks" else f"output_blocks.{level * rows + index}"
    return f"{row}.0.{_IN_RESNET[rest]}" if kind == "resnets" else f"{row}.1.{rest}"

"""Names of a VAE's tensors in the layouts of diffusers, early and today's, as the original (LDM) layout has them; no torch."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

_BLOCK = re.compile(r"(encoder|decoder)\.(down|up)_blocks\.(\d+)\.(?:resnets\.(\d+)\.(\w+)|(?:down|up)samplers\.0\.conv)\.(weight|bias)")
_MIDDLE = re.compile(r"(encoder|decoder)\.mid_block\.(?:resnets\.(\d+)\.(\w+)|attentions\.0\.(\w+?)(?:\.0)?)\.(weight|bias)")
_ATTENTION: Mapping[str, str] = {
    "group_norm": "norm",
    **{"to_q": "q", "to_k": "k", "to_v": "v", "to_out": "proj_out"},
    **{"query": "q", "key": "k", "value": "v", "proj_attn": "proj_out"},
}


def original_names(names: Collection[str]) -> dict[str, str]:
    """The original layout's name for every name of a VAE's tensor; those that are in that layout, or unknown, stay.

    Diffusers counts the decoder's blocks from the middle outwards, the original layout the other way round.
    """
    levels = len({name.split(".")[2] for name in names if name.startswith("decoder.up_blocks.")})
    return {name: _original(name, levels) for name in names}


def _original(name: str, levels: int) -> str:
    block, middle = _BLOCK.fullmatch(name), _MIDDLE.fullmatch(name)
    if block:
        side, way, index, resnet, part, kind = block.groups()
        level = int(index) if way == "down" else levels - 1 - int(index)
        return f"{side}.{way}.{level}." + (f"block.{resnet}.{_part(part)}" if resnet else f"{way}sample.conv") + f".{kind}"
    if middle and middle[2]:
        return f"{middle[1]}.mid.block_{int(middle[2]) + 1}.{_part(middle[3])}.{middle[5]}"
    if middle and middle[4] in _ATTENTION:
        return f"{middle[1]}.mid.attn_1.{_ATTENTION[middle[4]]}.{middle[5]}"
    return name.replace(".conv_norm_out.", ".norm_out.")


def _part(name: str) -> str:
    return "nin_shortcut" if name == "conv_shortcut" else name

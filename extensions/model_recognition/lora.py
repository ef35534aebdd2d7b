"""Tells LoRA and LyCORIS files, and the model family they were made for, from their tensor names.

Formats: kohya sd-scripts, LyCORIS, peft, and three generations of diffusers names.
"""

from __future__ import annotations

import re

from .kind import Kind
from .tensors import Tensors, any_contains, any_starts

FEW = 2
_LORA_SUFFIXES = (
    ".lora_up.weight",
    ".lora_down.weight",
    ".lora_A.weight",
    ".lora_B.weight",
    ".lora.up.weight",
    ".lora.down.weight",
    "_lora.up.weight",
    "_lora.down.weight",
    ".lora_linear_layer.up.weight",
    ".lora_linear_layer.down.weight",
    ".lora_A.default.weight",
    ".lora_B.default.weight",
    ".dora_scale",
)
_LYCORIS_SUFFIXES = (
    ".hada_w1_a",
    ".lokr_w1",
    ".lokr_w1_a",
    ".a1.weight",
    ".b1.weight",
    ".on_input",
    ".diff",
    ".diff_b",
    ".w_norm",
    ".oft_blocks",
    ".oft_diag",
    ".lora_mid.weight",
)
_MODULE_PREFIXES = ("lora_unet_", "lora_te", "oft_unet_", "lycoris_")
_LDM_BLOCKS = re.compile(r"^(?:lora|oft)_unet_(?:input_blocks|middle_block|output_blocks)_")
_CONTEXT_LAYER = re.compile(r"attn2[._](?:processor\.)?to_k")
_TEXT_LAYER = re.compile(r"encoder[._]layers[._](\d+)[._]")
_FLUX = ("double_blocks", "single_blocks", "single_transformer_blocks")
_CONTEXT_FAMILIES = {768: "sd1", 1024: "sd2", 2048: "sdxl"}


def recognise_lora(tensors: Tensors) -> Kind | None:
    """A LoRA or LyCORIS file; a few stray tensors do not make one."""
    plain = sum(name.endswith(_LORA_SUFFIXES) for name in tensors)
    special = sum(name.endswith(_LYCORIS_SUFFIXES) and name.startswith(_MODULE_PREFIXES) for name in tensors)
    if plain + special < FEW:
        return None
    family = _family(tensors)
    if special:
        return Kind("lora", "LyCORIS", family, "lycoris")
    return Kind("lora", "LoRA", family)


def _family(tensors: Tensors) -> str:
    if any(any_contains(tensors, mark) for mark in _FLUX):
        return "flux"
    if any_starts(tensors, "lora_te2_", "text_encoder_2."):
        return "sdxl"
    widths = _context_widths(tensors)
    by_context = next((_CONTEXT_FAMILIES[width] for layer in widths for width in sorted(layer) if width in _CONTEXT_FAMILIES), "")
    # the first trainers wrote LDM's names for SDXL alone; layers that show another width belong to something else
    if not by_context and not any(widths) and any(_LDM_BLOCKS.match(name) for name in tensors):
        return "sdxl"
    return by_context or _family_by_layers(tensors)


def _context_widths(tensors: Tensors) -> list[set[int]]:
    """Input widths of the cross-attention's keys, by layer, wherever a form of low-rank weights still shows them."""
    modules: dict[str, dict[str, tuple[int, ...]]] = {}
    for name, info in tensors.items():
        found = _CONTEXT_LAYER.search(name)
        if found:
            modules.setdefault(name[: found.end()], {})[name[found.end() :].lstrip("._")] = info.shape
    return [_possible_widths(parts) for parts in modules.values()]


def _possible_widths(parts: dict[str, tuple[int, ...]]) -> set[int]:
    """Input widths that the tensors of one layer allow."""
    if "oft_blocks" in parts or "oft_diag" in parts:
        return set()
    first = parts.get("lokr_w1") or _product(parts, "lokr_w1")
    second = parts.get("lokr_w2") or _product(parts, "lokr_w2")
    if first and second:
        return {first[1] * second[1]}
    return {size for shape in parts.values() if len(shape) == 2 for size in shape}


def _product(parts: dict[str, tuple[int, ...]], name: str) -> tuple[int, ...] | None:
    left, right = parts.get(f"{name}_a"), parts.get(f"{name}_b")
    return (left[0], right[1]) if left and right else None


def _family_by_layers(tensors: Tensors) -> str:
    """By the depth of the text encoder; else by a place where only the smaller U-Nets have attention."""
    layers = [int(found[1]) for name in tensors if (found := _TEXT_LAYER.search(name))]
    if layers:
        return "sd2" if max(layers) > 11 else "sd1"
    return "sd1" if any_contains(tensors, "down_blocks_0_attentions_") else ""

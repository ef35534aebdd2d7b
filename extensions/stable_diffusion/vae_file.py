"""Reads a VAE of its own file for the layers of a loaded VAE: in the original (LDM) layout and in both of diffusers'."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path

from torch import Tensor, nn

from app.api import LayerWeights, ModelFileError, load_tensors, read_header

from .convert import dequantise
from .header_facts import VAE_PREFIXES

SHOWN = 3
SIDES: Mapping[str, tuple[str, ...]] = {"encoder": ("encoder.", "quant_conv."), "decoder": ("decoder.", "post_quant_conv.")}
"""The halves of a VAE by the beginnings of their tensors' names; a file may hold the decoder alone."""
_BLOCK = re.compile(r"(encoder|decoder)\.(down|up)_blocks\.(\d+)\.(?:resnets\.(\d+)\.(\w+)|(down|up)samplers\.0\.conv)")
_MIDDLE = re.compile(r"(encoder|decoder)\.mid_block\.(?:resnets\.(\d)\.(\w+)|attentions\.0\.(\w+)(?:\.0)?)")
_ATTENTION: Mapping[str, tuple[str, str]] = {
    "group_norm": ("norm", "group_norm"),
    "to_q": ("q", "query"),
    "to_k": ("k", "key"),
    "to_v": ("v", "value"),
    "to_out": ("proj_out", "proj_attn"),
}
"""Parts of the attention: their names in LDM and in early versions of diffusers."""


@dataclass(frozen=True)
class VaeFile:
    """``layers`` by the module's names; of the file's ``tensor_count`` tensors of a VAE all but ``unmatched`` belong to them.

    ``lacks``: the half that the file does not hold, "encoder" or "".
    """

    layers: Mapping[str, LayerWeights]
    tensor_count: int
    unmatched: tuple[str, ...] = ()
    lacks: str = ""


def read_vae(path: Path, module: nn.Module) -> VaeFile:
    """The file's weights for every layer of ``module`` (AutoencoderKL), in the file's number format and in the layers' shapes.

    Raises ModelFileError, without the file's name, for a file that holds no VAE, an incomplete one, or one of other sizes.
    """
    names = read_header(path).tensors
    prefix = next((prefix for prefix in ("", *VAE_PREFIXES) if f"{prefix}decoder.conv_in.weight" in names), None)
    if prefix is None:
        raise ModelFileError("it holds no VAE")
    beginnings = tuple(prefix + begin for side in SIDES.values() for begin in side)
    given = dequantise(load_tensors(path, [name for name in names if name.startswith(beginnings)]))
    tensors = {name.removeprefix(prefix): tensor for name, tensor in given.items()}
    _check_channels(tensors, module)
    lacks = "" if any(name.startswith(SIDES["encoder"]) for name in tensors) else "encoder"
    wanted = {name: shape for name, shape in layer_shapes(module).items() if not lacks or not f"{name}.".startswith(SIDES[lacks])}
    found = _find(wanted, tensors)
    biased = {name.removesuffix(".bias") for name, _ in module.named_parameters() if name.endswith(".bias")}
    bare = next((name for layer, name in found.items() if layer in biased and f"{name}.bias" not in tensors), None)
    if bare is not None:
        raise ModelFileError(f"its VAE lacks {bare}.bias")
    layers = {layer: _layer(name, tensors, wanted[layer]) for layer, name in found.items()}
    used = {f"{name}.{kind}" for name in found.values() for kind in ("weight", "bias")}
    return VaeFile(layers, len(tensors), tuple(sorted(tensors.keys() - used)), lacks)


def layer_shapes(module: nn.Module) -> dict[str, tuple[int, ...]]:
    """The shape of the weight of every layer that has one, by the layer's name."""
    shapes = {name: tuple(parameter.shape) for name, parameter in module.named_parameters()}
    return {name.removesuffix(".weight"): shape for name, shape in shapes.items() if name.endswith(".weight")}


def file_names(layer: str, levels: int) -> tuple[str, ...]:
    """The names that files have for a layer of AutoencoderKL with so many ``levels``: diffusers', LDM's, early diffusers'."""
    name = layer.replace(".conv_norm_out", ".norm_out")
    block, middle = _BLOCK.fullmatch(layer), _MIDDLE.fullmatch(layer)
    if block:
        side, way, index, resnet, part, _ = block.groups()
        level = int(index) if way == "down" else levels - 1 - int(index)
        part = "nin_shortcut" if part == "conv_shortcut" else part
        name = f"{side}.{way}.{level}." + (f"block.{resnet}.{part}" if resnet else f"{way}sample.conv")
    elif middle and middle[2]:
        part = "nin_shortcut" if middle[3] == "conv_shortcut" else middle[3]
        name = f"{middle[1]}.mid.block_{int(middle[2]) + 1}.{part}"
    elif middle and middle[4] in _ATTENTION:
        ldm, early = _ATTENTION[middle[4]]
        return layer, f"{middle[1]}.mid.attn_1.{ldm}", f"{middle[1]}.mid_block.attentions.0.{early}"
    return layer, name


def _check_channels(tensors: Mapping[str, Tensor], module: nn.Module) -> None:
    """Raise ModelFileError for latents of another number of channels."""
    mine = layer_shapes(module).get("decoder.conv_in", ())
    theirs = tuple(tensors["decoder.conv_in.weight"].shape)
    if theirs[1:2] != mine[1:2]:
        raise ModelFileError(f"its VAE has {theirs[1]} latent channels, and the checkpoint's {mine[1] if mine else 'none that is known'}")


def _find(wanted: Mapping[str, tuple[int, ...]], tensors: Mapping[str, Tensor]) -> dict[str, str]:
    """The file's name for each layer."""
    levels = len({name.split(".")[2] for name in wanted if name.startswith("decoder.up_blocks.")})
    found: dict[str, str] = {}
    missing = []
    for layer in wanted:
        name = next((name for name in file_names(layer, levels) if f"{name}.weight" in tensors), None)
        if name is None:
            missing.append(layer)
        else:
            found[layer] = name
    if missing:
        shown = ", ".join(missing[:SHOWN])
        raise ModelFileError(f"its VAE lacks {len(missing)} of {len(wanted)} layers: {shown}{' ...' if len(missing) > SHOWN else ''}")
    return found


def _layer(name: str, tensors: Mapping[str, Tensor], shape: tuple[int, ...]) -> LayerWeights:
    """The layer that a file calls ``name``, a 1x1 convolution as a matrix; raises ModelFileError for weights not of ``shape``."""
    weight, bias = tensors[f"{name}.weight"], tensors.get(f"{name}.bias")
    if tuple(weight.shape[:2]) != shape[:2] or weight.numel() != prod(shape):
        raise ModelFileError(f"its VAE is of another size: {name}.weight is {tuple(weight.shape)}, and the checkpoint's {shape}")
    if bias is not None and tuple(bias.shape) != shape[:1]:
        raise ModelFileError(f"its VAE is of another size: {name}.bias is {tuple(bias.shape)}, and the checkpoint's {shape[:1]}")
    return LayerWeights(weight.reshape(shape), bias)

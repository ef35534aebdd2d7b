"""Renames the tensors of a checkpoint's parts from the LDM layout to what diffusers and transformers expect; nothing is read twice.

diffusers' converters do the renaming; what they drop or refuse (see the functions) is done here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .architecture.text import TextPart
from .header_facts import LDM_UNET_PREFIX

if TYPE_CHECKING:
    from torch import Tensor, nn

Tensors = Mapping[str, "Tensor"]
TEXT_LEVEL = "text_model."
_CLIP_NAMES = ("embeddings.token_embedding.", "embeddings.position_embedding.", "encoder.layers.", "final_layer_norm.")
_OPENCLIP_NAMES = ("positional_embedding", "token_embedding.weight", "ln_final.weight", "ln_final.bias")
_VAE_NAMES = ("encoder.", "decoder.", "quant_conv.", "post_quant_conv.")


def unet_names(names: Mapping[str, Any], prefix: str) -> list[str]:
    """The names of the U-Net's tensors; scale factors of 8-bit weights included."""
    parts = ("time_embed.", "label_emb.", "input_blocks.", "middle_block.", "output_blocks.", "out.")
    return [name for name in names if name.startswith(tuple(prefix + part for part in parts))]


def vae_names(names: Mapping[str, Any], prefix: str) -> list[str]:
    """The names of the VAE's tensors; a training loss that was saved along is left out."""
    return [name for name in names if name.startswith(tuple(prefix + part for part in _VAE_NAMES))]


def text_names(names: Mapping[str, Any], part: TextPart) -> list[str]:
    """The names of a text encoder's tensors: no position_ids, no unused last block, nothing of a picture encoder."""
    if part.layout == "clip":
        wanted = tuple(part.prefix + name for name in _CLIP_NAMES)
        return [name for name in names if name.startswith(wanted)]
    exact = {part.prefix + name for name in _OPENCLIP_NAMES}
    if part.projection:
        exact.add(f"{part.prefix}text_projection")
    blocks = tuple(f"{part.prefix}transformer.resblocks.{block}." for block in range(part.blocks))
    return [name for name in names if name in exact or name.startswith(blocks)]


def convert_unet(tensors: Tensors, prefix: str, config: Mapping[str, Any]) -> dict[str, Tensor]:
    """State of UNet2DConditionModel; diffusers drops LCM's guidance embedding."""
    from diffusers.loaders.single_file_utils import convert_ldm_unet_checkpoint

    prefixed = {LDM_UNET_PREFIX + name.removeprefix(prefix): tensor for name, tensor in tensors.items()}
    state: dict[str, Tensor] = convert_ldm_unet_checkpoint(prefixed, dict(config))
    guidance = prefixed.get(f"{LDM_UNET_PREFIX}time_embed.cond_proj.weight")
    if guidance is not None:
        state["time_embedding.cond_proj.weight"] = guidance
    return state


def convert_vae(tensors: Tensors, prefix: str, config: Mapping[str, Any]) -> dict[str, Tensor]:
    """State of AutoencoderKL; the attention's 1x1 convolutions become matrices."""
    from diffusers.loaders.single_file_utils import convert_ldm_vae_checkpoint

    bare = {name.removeprefix(prefix): tensor for name, tensor in tensors.items()}
    state: dict[str, Tensor] = convert_ldm_vae_checkpoint(bare, dict(config))
    return state


def convert_text(tensors: Tensors, part: TextPart, module: nn.Module) -> dict[str, Tensor]:
    """State of ``module``, a CLIPTextModel or CLIPTextModelWithProjection, with the key level that this version of it has.

    diffusers refuses CLIP without its ``text_model.`` level; OpenCLIP's query, key and value are one tensor, its projection transposed.
    """
    if part.layout == "clip":
        state = {TEXT_LEVEL + name.removeprefix(part.prefix): tensor for name, tensor in tensors.items()}
    else:
        from diffusers.loaders.single_file_utils import convert_open_clip_checkpoint

        state = convert_open_clip_checkpoint(module, dict(tensors), prefix=part.prefix)
    if not any(name.startswith(TEXT_LEVEL) for name in module.state_dict()):
        state = {name.removeprefix(TEXT_LEVEL): tensor for name, tensor in state.items()}
    return state


def dequantise(tensors: Tensors) -> dict[str, Tensor]:
    """Multiply scaled 8-bit weights by their scale; plain 8-bit weights stay as they are until they are cast."""
    scales = {name.removesuffix(".scale_weight"): tensor for name, tensor in tensors.items() if name.endswith(".scale_weight")}
    if not scales:
        return dict(tensors)
    result = {name: tensor for name, tensor in tensors.items() if not name.endswith((".scale_weight", ".scale_input"))}
    for name, scale in scales.items():
        weight = result.get(f"{name}.weight")
        if weight is not None:
            result[f"{name}.weight"] = weight.float() * scale.float()
    return result

"""What a checkpoint's tensor names and shapes say about the parts inside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from app.api import TensorInfo

Tensors = Mapping[str, TensorInfo]
Layout = Literal["ldm", "diffusers"]

LDM_UNET_PREFIX = "model.diffusion_model."
VAE_PREFIXES = ("first_stage_model.", "vae.")
TEXT_PREFIXES = ("cond_stage_model.", "conditioner.embedders.", "text_encoders.", "text_encoder.")
TOKEN_TABLES = ("token_embedding.weight", "word_embeddings.weight", "embed_tokens.weight")


@dataclass(frozen=True)
class UNetFacts:
    """The facts of a U-Net that decide what family it is of; widths are None where the U-Net has no such tensor."""

    prefix: str
    layout: Layout
    in_channels: int
    base_channels: int
    context_width: int | None
    vector_width: int | None
    linear_projection: bool
    guidance_embedding: bool
    deepest_transformer: int


def find_unet(tensors: Tensors) -> UNetFacts | None:
    """The U-Net of a checkpoint or of a file that holds nothing else; None for files of any other kind."""
    if _is_control(tensors):
        return None
    for prefix in (LDM_UNET_PREFIX, ""):
        if f"{prefix}input_blocks.0.0.weight" in tensors and f"{prefix}output_blocks.0.0.in_layers.0.weight" in tensors:
            return _ldm_facts(tensors, prefix)
    if "conv_in.weight" in tensors and {"down_blocks", "up_blocks"} <= {name.partition(".")[0] for name in tensors}:
        return _diffusers_facts(tensors)
    return None


def has_vae(tensors: Tensors) -> bool:
    """True when the checkpoint carries a VAE's decoder."""
    return any(f"{prefix}decoder.conv_in.weight" in tensors for prefix in VAE_PREFIXES)


def has_text_encoder(tensors: Tensors) -> bool:
    """True when the checkpoint carries at least one text encoder."""
    return any(name.startswith(TEXT_PREFIXES) and name.endswith(TOKEN_TABLES) for name in tensors)


def _is_control(tensors: Tensors) -> bool:
    """A ControlNet, which may hold a whole checkpoint beside it, or its low-rank form."""
    if "lora_controlnet" in tensors:
        return True
    return any(
        f"{prefix}zero_convs.0.0.weight" in tensors and f"{prefix}input_hint_block.0.weight" in tensors for prefix in ("", "control_model.")
    )


def _ldm_facts(tensors: Tensors, prefix: str) -> UNetFacts | None:
    names = [name for name in tensors if name.startswith(prefix)]
    if any("time_stack" in name for name in names):
        return None
    out_channels, in_channels = _first_two(tensors[f"{prefix}input_blocks.0.0.weight"])
    return UNetFacts(
        prefix=prefix,
        layout="ldm",
        in_channels=in_channels,
        base_channels=out_channels,
        context_width=_width(tensors, names, ".attn2.to_k.weight"),
        vector_width=_width(tensors, names, "label_emb.0.0.weight"),
        linear_projection=_has_linear_projection(tensors, names),
        guidance_embedding=f"{prefix}time_embed.cond_proj.weight" in tensors,
        deepest_transformer=_depth(names, f"{prefix}input_blocks.8.1."),
    )


def _diffusers_facts(tensors: Tensors) -> UNetFacts:
    names = list(tensors)
    out_channels, in_channels = _first_two(tensors["conv_in.weight"])
    vector_name = next((name for name in ("add_embedding.linear_1.weight", "class_embedding.linear_1.weight") if name in tensors), "")
    return UNetFacts(
        prefix="",
        layout="diffusers",
        in_channels=in_channels,
        base_channels=out_channels,
        context_width=_width(tensors, names, ".attn2.to_k.weight"),
        vector_width=_width(tensors, names, vector_name) if vector_name else None,
        linear_projection=_has_linear_projection(tensors, names),
        guidance_embedding="time_embedding.cond_proj.weight" in tensors,
        deepest_transformer=_depth(names, "down_blocks.2.attentions.1."),
    )


def _first_two(info: TensorInfo) -> tuple[int, int]:
    shape = info.shape
    return (shape[0], shape[1]) if len(shape) >= 2 else (0, 0)


def _width(tensors: Tensors, names: list[str], suffix: str) -> int | None:
    """Input width of the first tensor with that suffix."""
    for name in names:
        if name.endswith(suffix) and len(tensors[name].shape) >= 2:
            return tensors[name].shape[1]
    return None


def _has_linear_projection(tensors: Tensors, names: list[str]) -> bool:
    return any(name.endswith(".proj_in.weight") and len(tensors[name].shape) == 2 for name in names)


def _depth(names: list[str], block: str) -> int:
    """Number of transformer blocks of a U-Net block."""
    inside = f"{block}transformer_blocks."
    return len({name[len(inside) :].partition(".")[0] for name in names if name.startswith(inside)})

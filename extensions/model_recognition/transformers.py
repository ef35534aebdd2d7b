"""Tells checkpoints of the families that are not U-Nets of Stable Diffusion: FLUX, SD3, Stable Cascade, Stable Video Diffusion."""

from __future__ import annotations

from .kind import Kind
from .tensors import Tensors, any_contains, any_starts, axis, count_items

_PREFIXES = ("model.diffusion_model.", "")
_PARTS = ("first_stage_model.", "vae.", "text_encoders.", "cond_stage_model.", "conditioner.")


def recognise_other_family(tensors: Tensors) -> Kind | None:
    """A checkpoint, or a bare denoiser, of a family that this extension knows by name only."""
    found = _flux(tensors) or _sd3(tensors) or _video(tensors) or _cascade(tensors)
    if found is None:
        return None
    title, family, variant = found
    return Kind("checkpoint" if any_starts(tensors, *_PARTS) else "unet", title, family, variant)


def _flux(tensors: Tensors) -> tuple[str, str, str] | None:
    for prefix in _PREFIXES:
        if any_starts(tensors, f"{prefix}double_blocks.") and any_starts(tensors, f"{prefix}single_blocks."):
            if any_starts(tensors, f"{prefix}distilled_guidance_layer."):
                return "Chroma", "chroma", "base"
            guided = any_starts(tensors, f"{prefix}guidance_in.")
            return "Flux", "flux", _flux_variant(guided, axis(tensors, f"{prefix}img_in.weight", 1))
    if any_starts(tensors, "single_transformer_blocks."):
        guided = any_contains(tensors, ".guidance_embedder.")
        return "Flux", "flux", _flux_variant(guided, axis(tensors, "x_embedder.weight", 1))
    return None


def _flux_variant(guided: bool, input_width: int | None) -> str:
    if input_width == 384:
        return "fill"
    return "dev" if guided else "schnell"


def _sd3(tensors: Tensors) -> tuple[str, str, str] | None:
    for prefix in _PREFIXES:
        if any_starts(tensors, f"{prefix}joint_blocks."):
            dual = any_contains(tensors, ".x_block.attn2.")
            return "Stable Diffusion 3", "sd3", _sd3_variant(count_items(tensors, f"{prefix}joint_blocks."), dual)
    if "pos_embed.proj.weight" in tensors and any_contains(tensors, ".attn.add_q_proj."):
        dual = any_contains(tensors, ".attn2.")
        return "Stable Diffusion 3", "sd3", _sd3_variant(count_items(tensors, "transformer_blocks."), dual)
    return None


def _sd3_variant(blocks: int, dual_attention: bool) -> str:
    if blocks >= 38:
        return "3.5-large"
    return "3.5-medium" if dual_attention else "medium"


def _video(tensors: Tensors) -> tuple[str, str, str] | None:
    unet = any_contains(tensors, "input_blocks.") and any_contains(tensors, "time_stack")
    return ("Stable Video Diffusion", "svd", "img2vid") if unet else None


def _cascade(tensors: Tensors) -> tuple[str, str, str] | None:
    for prefix in _PREFIXES:
        if f"{prefix}clip_txt_mapper.weight" in tensors:
            return "Stable Cascade", "cascade", "stage-c"
    return None

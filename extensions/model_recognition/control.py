"""Tells networks that guide a U-Net with pictures: ControlNet, Control-LoRA, LLLite, IP-Adapter, T2I-Adapter."""

from __future__ import annotations

from .kind import Kind
from .tensors import FAMILY_OF_CONTEXT_WIDTH, Tensors, any_contains, any_starts, axis, context_family

_CONTEXT = (".attn2.to_k.weight",)


def recognise_control(tensors: Tensors) -> Kind | None:
    """A network that guides another model with a picture."""
    for rule in (_control_lora, _controlnet_ldm, _controlnet_diffusers, _lllite, _ip_adapter, _t2i_adapter):
        found = rule(tensors)
        if found is not None:
            return found
    return None


def _control_lora(tensors: Tensors) -> Kind | None:
    if "lora_controlnet" not in tensors:
        return None
    small = any(name.startswith("input_blocks.11.0.in_layers.0.") for name in tensors)
    return Kind("control-lora", "Control-LoRA", "sd1" if small else "sdxl", "full")


def _controlnet_ldm(tensors: Tensors) -> Kind | None:
    for prefix in ("control_model.", ""):
        if f"{prefix}zero_convs.0.0.weight" in tensors and f"{prefix}input_hint_block.0.weight" in tensors:
            inside = {name: info for name, info in tensors.items() if name.startswith(prefix)}
            family = "sdxl" if f"{prefix}label_emb.0.0.weight" in tensors else context_family(inside, *_CONTEXT)
            return Kind("controlnet", "ControlNet", family, "full")
    return None


def _controlnet_diffusers(tensors: Tensors) -> Kind | None:
    if "controlnet_cond_embedding.conv_in.weight" not in tensors:
        return None
    if any_starts(tensors, "task_embedding"):
        return Kind("controlnet", "ControlNet union", "sdxl", "union")
    if not any_starts(tensors, "add_embedding.", "class_embedding."):
        return Kind("controlnet", "ControlNet", context_family(tensors, *_CONTEXT), "full")
    if any_starts(tensors, "down_blocks.1.attentions.0.transformer_blocks.0"):
        return Kind("controlnet", "ControlNet", "sdxl", "full")
    return Kind("controlnet", "ControlNet", "sdxl", "mid" if any_starts(tensors, "down_blocks.1.attentions.0.norm") else "small")


def _lllite(tensors: Tensors) -> Kind | None:
    if not any_starts(tensors, "lllite_"):
        return None
    large = any_contains(tensors, "transformer_blocks_1_") or any_contains(tensors, "unet_input_blocks_8_1_transformer_blocks_3")
    return Kind("controlnet-lllite", "ControlNet-LLLite", "sdxl" if large else "sd1", "lllite")


def _ip_adapter(tensors: Tensors) -> Kind | None:
    if not (any_starts(tensors, "image_proj.") and any_starts(tensors, "ip_adapter.")):
        return None
    family = context_family(tensors, ".to_k_ip.weight")
    return Kind("ip-adapter", "IP-Adapter", family, _ip_adapter_variant(tensors))


def _ip_adapter_variant(tensors: Tensors) -> str:
    if "image_proj.latents" in tensors:
        return "plus"
    if axis(tensors, "image_proj.proj.0.weight", 1) == 512:
        return "faceid-plus" if any_contains(tensors, "perceiver_resampler") else "faceid"
    return "full-face" if "image_proj.proj.0.weight" in tensors else "base"


def _t2i_adapter(tensors: Tensors) -> Kind | None:
    for prefix in ("", "adapter."):
        if f"{prefix}style_embedding" in tensors:
            width = axis(tensors, f"{prefix}style_embedding", 2) or axis(tensors, f"{prefix}style_embedding", 1)
            return Kind("t2i-adapter", "T2I-Adapter (style)", FAMILY_OF_CONTEXT_WIDTH.get(width or 0, "sd1"), "style")
        if f"{prefix}body.0.in_conv.weight" in tensors:
            return Kind("t2i-adapter", "T2I-Adapter (light)", "sd1", "light")
        body = f"{prefix}body.0.block1.weight" in tensors or f"{prefix}body.0.resnets.0.block1.weight" in tensors
        if body and f"{prefix}conv_in.weight" in tensors:
            unshuffled = axis(tensors, f"{prefix}conv_in.weight", 1)
            return Kind("t2i-adapter", "T2I-Adapter", "sdxl" if unshuffled in (256, 768) else "sd1", "full")
    return None

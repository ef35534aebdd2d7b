"""Tells the parts of models and small add-ons: VAEs, text encoders, embeddings, hypernetworks, upscalers, taggers."""

from __future__ import annotations

import re

from .kind import Kind
from .tensors import FAMILY_OF_CONTEXT_WIDTH, Tensors, any_contains, any_starts, axis

FEW = 4
_HYPERNETWORK = re.compile(r"^\d{1,5}\.[01]\.linear")
_CONTEXT_WIDTHS = {768: "sd1", 1024: "sd2", 2048: "sdxl"}
_APPROXIMATE_LAYERS = {f"conv{number}.{part}" for number in range(1, 9) for part in ("weight", "bias")}
_EMBEDDING_NAMES = {"emb_params", "*", "string_to_param.*"}


def recognise_lone_tensor(tensors: Tensors) -> Kind | None:
    """The mean of picture embeddings, a pickle that is one tensor without a name."""
    if list(tensors) != [""]:
        return None
    family = {768: "sd1", 1024: "sd2"}.get(tensors[""].shape[-1] if tensors[""].shape else 0)
    return Kind("aesthetic-embedding", "Aesthetic gradient embedding", family) if family else None


def recognise_hypernetwork(tensors: Tensors) -> Kind | None:
    """Layers keyed by the width of the context they change: that of the texts tells the family, the others occur in several."""
    if not tensors or not all(_HYPERNETWORK.match(name) for name in tensors):
        return None
    family = next((family for width, family in _CONTEXT_WIDTHS.items() if any_starts(tensors, f"{width}.")), "")
    return Kind("hypernetwork", "Hypernetwork", family)


def recognise_vae(tensors: Tensors) -> Kind | None:
    """An autoencoder of pictures; SD1, SD2 and SDXL share one layout."""
    for prefix in ("", "first_stage_model.", "vae."):
        channels = axis(tensors, f"{prefix}decoder.conv_in.weight", 1)
        if channels is not None:
            return Kind("vae", "VAE" if channels == 4 else f"VAE with {channels} latent channels")
    return None


def recognise_small_vae(tensors: Tensors) -> Kind | None:
    """The tiny autoencoder TAESD in its layouts, and A1111's approximate decoder."""
    decoder = {"1.weight", "3.conv.0.weight"} <= set(tensors)
    encoder = {"0.weight", "1.conv.0.weight"} <= set(tensors)
    if decoder or encoder or "decoder.layers.0.weight" in tensors or any_starts(tensors, "taesd_decoder.", "taesd_encoder."):
        return Kind("vae-approx", "Tiny autoencoder (TAESD)", variant="taesd")
    if set(tensors) == _APPROXIMATE_LAYERS:
        return Kind("vae-approx", "Approximate decoder", variant="vae-approx")
    return None


def recognise_encoder(tensors: Tensors) -> Kind | None:
    """Text and picture encoders: CLIP, OpenCLIP, T5."""
    if any_starts(tensors, "vision_model."):
        return Kind("clip-vision", "CLIP picture encoder")
    if any_starts(tensors, "encoder.block.0.layer.0.SelfAttention."):
        return Kind("text-encoder", "T5 text encoder", variant="t5")
    if any(name in tensors for name in ("text_model.embeddings.token_embedding.weight", "embeddings.token_embedding.weight")):
        return Kind("text-encoder", "CLIP text encoder", variant="clip")
    return None


def recognise_network(tensors: Tensors) -> Kind | None:
    """Motion modules, taggers and face restorers."""
    if any_contains(tensors, "motion_modules"):
        return Kind("motion-module", "AnimateDiff motion module")
    if "n_Conv_0.weight" in tensors:
        return Kind("tagger", "DeepDanbooru tagger", variant="deepdanbooru")
    if "position_emb" in tensors and "quantize.embedding.weight" in tensors:
        return Kind("face-restoration", "CodeFormer", variant="codeformer")
    if "conv_body_first.weight" in tensors and any_starts(tensors, "stylegan_decoder."):
        return Kind("face-restoration", "GFPGAN", variant="gfpgan")
    return None


def recognise_upscaler(tensors: Tensors) -> Kind | None:
    """Networks that enlarge pictures."""
    names = {name.removeprefix("module.") for name in tensors}
    old_esrgan = "model.0.weight" in names and any(name.startswith("model.1.sub.") for name in names)
    if old_esrgan or names & {"conv_first.weight", "body.0.weight", "m_head.0.weight"}:
        return Kind("upscaler", "Upscaler")
    return None


def recognise_embedding(tensors: Tensors) -> Kind | None:
    """Textual inversion embeddings: A1111, diffusers, SDXL and pivotal tuning."""
    if not 1 <= len(tensors) <= FEW or any(len(info.shape) not in (1, 2) for info in tensors.values()):
        return None
    names = set(tensors)
    if names in ({"clip_l", "clip_g"}, {"text_encoders_0", "text_encoders_1"}):
        return Kind("embedding", "Textual inversion embedding", "sdxl")
    widths = {info.shape[-1] for info in tensors.values()}
    family = FAMILY_OF_CONTEXT_WIDTH.get(widths.pop()) if len(widths) == 1 else None
    plain = names <= _EMBEDDING_NAMES or all("." not in name for name in names)
    return Kind("embedding", "Textual inversion embedding", family) if family and family != "sdxl" and plain else None

"""Names the kind of a model file that no other installed extension has to know: the ordered rules, the first match wins.

Stable Diffusion checkpoints are left to the extension that loads them: at most one extension may claim a file.
"""

from __future__ import annotations

from collections.abc import Callable

from app.api import ModelHeader, ModelIdentity

from .control import recognise_control
from .kind import Kind, Rule
from .lora import recognise_lora
from .parts import (
    recognise_embedding,
    recognise_encoder,
    recognise_hypernetwork,
    recognise_lone_tensor,
    recognise_network,
    recognise_small_vae,
    recognise_upscaler,
    recognise_vae,
)
from .tensors import Tensors
from .transformers import recognise_other_family

EMPTY_PICKLE = "Pickle file: there is no tensor in it."
RULES: tuple[Rule, ...] = (
    recognise_lone_tensor,
    recognise_hypernetwork,
    recognise_control,
    recognise_other_family,
    recognise_lora,
    recognise_vae,
    recognise_small_vae,
    recognise_encoder,
    recognise_network,
    recognise_upscaler,
    recognise_embedding,
)


def recognise(header: ModelHeader) -> ModelIdentity | None:
    """The identity of a file by its kind alone, always unsupported; None for unknown files and for Stable Diffusion checkpoints."""
    if header.container == "onnx":
        return _identity(Kind("tagger", "ONNX tagger", variant="onnx"), header)
    if header.path.suffix.lower() == ".gguf":
        return _identity(Kind("checkpoint", "GGUF", "gguf"), header)
    tensors = header.tensors
    if header.container == "pickle" and not tensors:
        return ModelIdentity(kind="pickle", family="", title="Pickle file", supported=False, reason=EMPTY_PICKLE)
    control = recognise_control(tensors)
    if control is None and _has_stable_diffusion_unet(tensors):
        return None
    for rule in RULES:
        kind = rule(tensors)
        if kind is not None:
            return _identity(kind, header)
    return None


def _has_stable_diffusion_unet(tensors: Tensors) -> bool:
    if any("time_stack" in name for name in tensors):
        return False
    if any(f"{prefix}input_blocks.0.0.weight" in tensors for prefix in ("model.diffusion_model.", "")):
        return True
    return "conv_in.weight" in tensors and {"down_blocks", "up_blocks"} <= {name.partition(".")[0] for name in tensors}


def _identity(kind: Kind, header: ModelHeader) -> ModelIdentity:
    is_model = kind.kind in ("checkpoint", "unet")
    if is_model:
        reason = f"{kind.title} checkpoint: no installed extension provides this family."
    else:
        reason = f"{kind.title}: no installed extension uses files of this kind."
    family = kind.family or _told_family(header)
    return ModelIdentity(kind=kind.kind, family=family, variant=kind.variant or "base", title=kind.title, supported=False, reason=reason)


def _told_family(header: ModelHeader) -> str:
    """The family that the metadata tells, for kinds whose shapes are the same in several."""
    architecture = header.metadata.get("modelspec.architecture", "").lower()
    marks: dict[str, Callable[[str], bool]] = {
        "sdxl": lambda text: "-xl-v1" in text,
        "sd1": lambda text: "diffusion-v1" in text,
        "sd2": lambda text: "diffusion-v2" in text,
    }
    return next((family for family, fits in marks.items() if fits(architecture)), "")

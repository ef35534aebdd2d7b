"""Says which member of the Stable Diffusion families a file is, from tensor names and shapes; metadata where they cannot decide.

Metadata keys: Stability's model metadata standard (``modelspec.*``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.api import ModelHeader, ModelIdentity, PredictionType

from .header_facts import Tensors, UNetFacts, find_unet, has_text_encoder, has_vae

TITLES = {
    "sd1": "Stable Diffusion 1.x",
    "sd2": "Stable Diffusion 2.x",
    "sdxl": "Stable Diffusion XL",
    "sdxl-refiner": "Stable Diffusion XL refiner",
}
FAMILY_OF_CONTEXT_WIDTH = {768: "sd1", 1024: "sd2", 2048: "sdxl", 1280: "sdxl-refiner"}
NATIVE_SIZES_PX = {"sd1": 512, "sd2": 512, "sdxl": 1024, "sdxl-refiner": 1024}
VARIANT_OF_CHANNELS = {4: "base", 9: "inpaint", 8: "pix2pix", 5: "depth", 7: "x4-upscaler"}
REFUSED_VARIANTS = {
    "alt-diffusion": "its text encoder is XLM-R",
    "x4-upscaler": "it enlarges pictures and does not draw",
    "unclip": "it needs the embedding of a picture",
    "playground-v2.5": "its EDM noise schedule is not supported",
}
PREDICTION_OF_REFUSED: dict[str, PredictionType] = {"alt-diffusion": "epsilon", "x4-upscaler": "v", "unclip": "v"}
FULL_SIZE_CHANNELS = (256, 320, 384)
_RESOLUTION = re.compile(r"\s*(\d{2,5})\s*[xX×]\s*(\d{2,5})\s*")
_V_IN_FILE_NAME = re.compile(r"(?:^|[^a-z])v-?_?pred", re.IGNORECASE)


@dataclass(frozen=True)
class Prediction:
    """What the U-Net predicts; ``type`` None: undecided, unless ``unsupported`` names a parametrisation that nothing here can run."""

    type: PredictionType | None
    zero_terminal_snr: bool = False
    unsupported: str = ""


def identify(header: ModelHeader) -> ModelIdentity | None:
    """The identity of a Stable Diffusion checkpoint or bare U-Net; None for every other file."""
    tensors = header.tensors
    unet = find_unet(tensors)
    if unet is None:
        return None
    family = _family(tensors, unet)
    if family is None:
        return None
    variant = _variant(tensors, unet, family)
    prediction = read_prediction(header, unet, family, variant)
    complete = has_vae(tensors) or has_text_encoder(tensors)
    title = TITLES[family] if variant == "base" else f"{TITLES[family]} {variant}"
    reason = _refusal(title, variant, prediction, complete)
    return ModelIdentity(
        kind="checkpoint" if complete else "unet",
        family=family,
        variant=variant,
        title=title,
        prediction_type=prediction.type,
        zero_terminal_snr=prediction.zero_terminal_snr,
        native_size_px=_native_size_px(header, unet, family, prediction.type),
        supported=not reason,
        reason=reason,
    )


def _family(tensors: Tensors, unet: UNetFacts) -> str | None:
    """By the width of the text context; for other sizes of the same layout by the text encoders' names."""
    if unet.context_width in FAMILY_OF_CONTEXT_WIDTH:
        return FAMILY_OF_CONTEXT_WIDTH[unet.context_width]
    names = {".".join(name.split(".", 5)[:5]) for name in tensors}
    if any(name.startswith("conditioner.embedders.1.") for name in names):
        return "sdxl"
    if any(name.startswith("conditioner.embedders.0.model.") for name in names):
        return "sd2" if unet.vector_width is None else "sdxl-refiner"
    if any(name.startswith("cond_stage_model.model.") for name in names):
        return "sd2"
    if any(name.startswith("cond_stage_model.transformer.") for name in names):
        return "sd1"
    if unet.context_width is None or unet.vector_width is not None:
        return None
    return "sd2" if unet.linear_projection else "sd1"


def _variant(tensors: Tensors, unet: UNetFacts, family: str) -> str:
    if any(name.startswith("cond_stage_model.roberta.") for name in tensors):
        return "alt-diffusion"
    if "edm_mean" in tensors or "edm_std" in tensors:
        return "playground-v2.5"
    if family == "sd2" and unet.vector_width is not None and unet.in_channels == 4:
        return "unclip"
    if unet.in_channels != 4:
        return VARIANT_OF_CHANNELS.get(unet.in_channels, f"{unet.in_channels}-channel")
    if unet.guidance_embedding:
        return "lcm"
    if family == "sdxl" and unet.base_channels == 320:
        return {4: "ssd-1b", 2: "segmind-vega"}.get(unet.deepest_transformer, "base")
    return "base"


def read_prediction(header: ModelHeader, unet: UNetFacts, family: str, variant: str) -> Prediction:
    """What the U-Net predicts as far as marker keys, the family, metadata and the file name tell, in this order."""
    tensors = header.tensors
    if any(name.startswith("edm_vpred.") for name in tensors):
        return Prediction(None, unsupported="its continuous EDM v-prediction is not supported")
    if "v_pred" in tensors:
        return Prediction("v", zero_terminal_snr="ztsnr" in tensors)
    if variant in REFUSED_VARIANTS:
        return Prediction(PREDICTION_OF_REFUSED.get(variant))
    told = _told_prediction(header)
    if told is not None:
        return Prediction(told)
    published_alone = family == "sdxl" and unet.layout == "diffusers"
    certain = family in ("sd1", "sdxl-refiner") or variant not in ("base", "lcm") or published_alone
    return Prediction("epsilon" if certain else None)


def _told_prediction(header: ModelHeader) -> PredictionType | None:
    for key in ("modelspec.prediction_type", "modelspec.predict_key"):
        value = header.metadata.get(key, "").strip().lower().replace("-", "_")
        if value in ("v", "v_prediction"):
            return "v"
        if value in ("epsilon", "eps"):
            return "epsilon"
    architecture = header.metadata.get("modelspec.architecture", "").lower()
    if "v2-768-v" in architecture:
        return "v"
    if "v2-512" in architecture or "v2-turbo" in architecture:
        return "epsilon"
    return "v" if _V_IN_FILE_NAME.search(header.path.stem) else None


def _native_size_px(header: ModelHeader, unet: UNetFacts, family: str, prediction: PredictionType | None) -> int | None:
    """The family's size for full-size models; for models of other sizes the resolution that their metadata tells."""
    told = _RESOLUTION.fullmatch(header.metadata.get("modelspec.resolution", ""))
    if told and (unet.base_channels not in FULL_SIZE_CHANNELS or unet.context_width not in FAMILY_OF_CONTEXT_WIDTH):
        return max(int(told[1]), int(told[2]))
    if family == "sd2" and prediction is None:
        return None
    return 768 if family == "sd2" and prediction == "v" and unet.in_channels == 4 else NATIVE_SIZES_PX[family]


def _refusal(title: str, variant: str, prediction: Prediction, complete: bool) -> str:
    """Why the file cannot be used as a checkpoint; empty when it can."""
    if variant in REFUSED_VARIANTS:
        return f"{title} checkpoint: {REFUSED_VARIANTS[variant]}, no installed extension provides this."
    if variant.endswith("-channel"):
        return f"{title}: a U-Net with {variant.removesuffix('-channel')} input channels is not known."
    if prediction.unsupported:
        return f"{title} checkpoint: {prediction.unsupported}."
    if not complete:
        return f"{title}: the file holds a U-Net alone; without a VAE and a text encoder it cannot draw."
    return ""


def native_size_px(identity: ModelIdentity, prediction: PredictionType) -> int:
    """The side that the model was trained at, now that it is known what it predicts."""
    if identity.native_size_px is not None:
        return identity.native_size_px
    if identity.family == "sd2" and prediction == "v":
        return 768
    return NATIVE_SIZES_PX.get(identity.family, 512)

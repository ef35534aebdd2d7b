"""Chooses the number formats in which the parts of a model run on a device."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import torch

from app.api import LoadOptions

logger = logging.getLogger(__name__)

FULL_SIZE_PARAMETERS = 100_000_000
LARGE_TEXT_ENCODER_WIDTH = 1280
_NAMED = {"full": torch.float32, "fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16, "half": torch.float16}


@dataclass(frozen=True)
class Precision:
    """Number formats of the U-Net, the VAE and text encoders; large text encoders take the U-Net's."""

    unet: torch.dtype
    vae: torch.dtype
    text: torch.dtype

    def text_of_width(self, width: int) -> torch.dtype:
        """The format of a text encoder of this width."""
        return self.unet if width >= LARGE_TEXT_ENCODER_WIDTH else self.text


def choose_precision(options: LoadOptions, family: str, parameters: int) -> Precision:
    """Formats for a U-Net of so many parameters.

    On a CPU: bfloat16 for full-size models where it was measured to be faster (with instructions for it twice to four times as fast, error
    of the U-Net's output about 1 %), else float32; float16 never, it is hundreds of times slower there. On a GPU: float16, and for the
    SDXL VAE, which overflows in float16, bfloat16 or float32. Text encoders of ordinary size run in float32 on a CPU: they cost little.
    """
    device = torch.device(options.device)
    unet = _chosen(options.precision, device) or _automatic(options, device, parameters)
    vae = _chosen(options.vae_precision, device) or _vae(unet, device, family)
    return Precision(unet=unet, vae=vae, text=torch.float32 if device.type == "cpu" else unet)


def _chosen(name: str, device: torch.device) -> torch.dtype | None:
    dtype = _NAMED.get(name)
    if dtype is torch.float16 and device.type == "cpu":
        logger.info("Half precision on a CPU means bfloat16: float16 is far slower there than full precision.")
        return torch.bfloat16
    return dtype


def _automatic(options: LoadOptions, device: torch.device, parameters: int) -> torch.dtype:
    if device.type == "cpu":
        return torch.bfloat16 if parameters >= FULL_SIZE_PARAMETERS and _has_fast_bfloat16(options) else torch.float32
    return torch.float16 if parameters >= FULL_SIZE_PARAMETERS else torch.float32


def _vae(unet: torch.dtype, device: torch.device, family: str) -> torch.dtype:
    if unet is not torch.float16 or not family.startswith("sdxl"):
        return unet
    return torch.bfloat16 if device.type == "cuda" and torch.cuda.is_bf16_supported() else torch.float32


def short_name(dtype: torch.dtype) -> str:
    """As an infotext names a number format; "" for float32, which needs no name."""
    return {torch.bfloat16: "bf16", torch.float16: "fp16"}.get(dtype, "")


def _has_fast_bfloat16(options: LoadOptions) -> bool:
    """As measured; where nobody measured, by the processor's instructions."""
    facts = options.measured()
    return cpu_multiplies_bfloat16() if facts is None else facts.fast_bfloat16


def cpu_multiplies_bfloat16() -> bool:
    """True when the processor has instructions for bfloat16 products."""
    features = torch.cpu.get_capabilities()
    return bool(features.get("avx512_bf16") or features.get("amx_bf16"))

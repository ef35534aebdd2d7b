"""Chooses the number formats and the memory layout in which the parts of a model run on a device."""

from __future__ import annotations

import logging
from collections.abc import Iterable
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
    vae = _chosen(options.vae_precision, device) or _vae(unet, options, family)
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


def _vae(unet: torch.dtype, options: LoadOptions, family: str) -> torch.dtype:
    if unet is not torch.float16 or not family.startswith("sdxl"):
        return unet
    if torch.device(options.device).type != "cuda":
        return torch.float32
    facts = options.measured()
    fast = torch.cuda.is_bf16_supported() if facts is None else facts.fast_bfloat16
    return torch.bfloat16 if fast else torch.float32


def choose_layout(options: LoadOptions, parameters: int) -> torch.memory_format:
    """How pictures and convolutions lie in memory: as measured for full-size models, else channels last, but on mps."""
    facts = options.measured() if parameters >= FULL_SIZE_PARAMETERS else None
    channels_last = torch.device(options.device).type != "mps" if facts is None else facts.channels_last
    return torch.channels_last if channels_last else torch.contiguous_format


def precision_items(unet: torch.dtype, vae: torch.dtype, text: Iterable[torch.dtype]) -> dict[str, str]:
    """As an infotext tells of number formats: the U-Net's unless it is float32, those of the other parts where they differ from it."""
    items = {} if unet is torch.float32 else {"Precision": _name(unet)}
    if vae is not unet:
        items["VAE precision"] = _name(vae)
    encoders = sorted({_name(dtype) for dtype in text})
    if encoders != [_name(unet)]:
        items["Text encoder precision"] = " and ".join(encoders)
    return items


def _name(dtype: torch.dtype) -> str:
    names = {torch.float32: "fp32", torch.bfloat16: "bf16", torch.float16: "fp16"}
    return names.get(dtype, str(dtype).removeprefix("torch."))


def _has_fast_bfloat16(options: LoadOptions) -> bool:
    """As measured; where nobody measured, by the processor's instructions."""
    facts = options.measured()
    return cpu_multiplies_bfloat16() if facts is None else facts.fast_bfloat16


def cpu_multiplies_bfloat16() -> bool:
    """True when the processor has instructions for bfloat16 products."""
    features = torch.cpu.get_capabilities()
    return bool(features.get("avx512_bf16") or features.get("amx_bf16"))

"""The scales of a Stable Diffusion 1 checkpoint's tensors, chosen so that it behaves: it predicts mostly the noise that it sees."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence

import numpy as np

from tools.formula_model.formula import Floats, uniform

UNET = "model.diffusion_model."
VAE = "first_stage_model."
TEXT = "cond_stage_model.transformer.text_model."
CHUNK = 1 << 22
VARIANT_AMOUNT = 0.25
CARRIERS = 40
"""U-Net channels 10j to 10j + 9 carry latent channel j: five of them its value, five its negative."""

_GAINS: tuple[tuple[str, float], ...] = (
    (rf"{UNET}out\.2\.weight", 0.30),
    (rf"{UNET}.*emb_layers\.1\.weight", 0.5),
    (rf"{UNET}.*out_layers\.3\.weight", 0.6),
    (rf"{UNET}.*(proj_out|ff\.net\.2)\.weight", 0.7),
    (rf"{UNET}.*attn1\.to_[qk]\.weight", 1.2),
    (rf"{UNET}.*attn2\.to_[qk]\.weight", 1.6),
    (rf"{UNET}.*attn1\.to_out\.0\.weight", 0.5),
    (rf"{UNET}.*attn2\.to_out\.0\.weight", 1.5),
    (rf"{VAE}encoder\.conv_out\.weight", 6.0),
    (rf"{VAE}decoder\.conv_out\.weight", 0.6),
    (rf"{VAE}.*(conv2|attn_1\.proj_out)\.weight", 0.4),
    (rf"{TEXT}.*self_attn\.[qk]_proj\.weight", 1.5),
    (rf"{TEXT}.*self_attn\.out_proj\.weight", 0.6),
    (rf"{TEXT}.*mlp\.fc2\.weight", 0.5),
)
_NORM = re.compile(r".*(norm\d?|layer_norm\d?|norm_out|layers\.0|out\.0)\.weight")
_SMOOTH = re.compile(rf"{VAE}decoder\.(conv_out|up\.\d\.upsample\.conv)\.weight")


def values(name: str, shape: Sequence[int], variant: str = "") -> np.ndarray[tuple[int, ...], np.dtype[np.float16]]:
    """The tensor ``name`` of a checkpoint in half precision; with a ``variant``, a quarter of that name's values is added."""
    scale, offset = scale_and_offset(name, shape)
    count = math.prod(shape)

    def part(start: int, length: int) -> Floats:
        piece: Floats = uniform(name, length, start) * np.float32(scale)
        if variant:
            piece += uniform(name + variant, length, start) * np.float32(scale * VARIANT_AMOUNT)
        return piece + np.float32(offset) if offset else piece

    rework = _rework_of(name)
    if rework is not None:
        whole = part(0, count).reshape(shape)
        rework(whole)
        return whole.astype(np.float16)
    result = np.empty(count, np.float16)
    for start in range(0, count, CHUNK):
        length = min(CHUNK, count - start)
        result[start : start + length] = part(start, length)
    return result.reshape(shape)


def scale_and_offset(name: str, shape: Sequence[int]) -> tuple[float, float]:
    """What the formula's value is multiplied by, and what is added."""
    if len(shape) < 2:
        if _NORM.fullmatch(name):
            return 0.1, 1.0
        return (0.1, -0.1) if name == f"{TEXT}final_layer_norm.bias" else (0.05, 0.0)
    if name == f"{TEXT}embeddings.token_embedding.weight":
        return 0.5 * math.sqrt(3.0), 0.0
    if name == f"{TEXT}embeddings.position_embedding.weight":
        return 0.2 * math.sqrt(3.0), 0.0
    gain = next((gain for pattern, gain in _GAINS if re.fullmatch(pattern, name)), 1.0)
    return gain * math.sqrt(3.0 / math.prod(shape[1:])), 0.0


def _rework_of(name: str) -> Callable[[Floats], None] | None:
    """The change of a tensor that has entries beside the formula."""
    if _SMOOTH.fullmatch(name):
        return _smooth
    return {
        f"{UNET}input_blocks.0.0.weight": _carry_in,
        f"{UNET}output_blocks.11.0.skip_connection.weight": _carry_over,
        f"{UNET}output_blocks.11.0.out_layers.3.weight": _quieten,
        f"{UNET}output_blocks.11.1.proj_out.weight": _quieten,
        f"{UNET}out.2.weight": _carry_out,
        f"{VAE}quant_conv.weight": _without_spread,
        f"{VAE}quant_conv.bias": _without_spread,
    }.get(name)


def _carry_in(weight: Floats) -> None:
    weight[:CARRIERS] *= np.float32(0.05)
    for channel in range(CARRIERS):
        weight[channel, channel // 10, 1, 1] += np.float32(_sign(channel))


def _carry_over(weight: Floats) -> None:
    weight[:CARRIERS] *= np.float32(0.05)
    for channel in range(CARRIERS):
        weight[channel, 320 + channel, 0, 0] += np.float32(1.0)


def _carry_out(weight: Floats) -> None:
    weight[:, :CARRIERS] *= np.float32(0.05)
    for channel in range(CARRIERS):
        weight[channel // 10, channel, 1, 1] += np.float32(0.17 * _sign(channel))


def _quieten(weight: Floats) -> None:
    weight[:CARRIERS] *= np.float32(0.1)


def _without_spread(weight: Floats) -> None:
    """The encoder's log variance becomes so small that its noise vanishes."""
    if weight.ndim == 1:
        weight[4:] -= np.float32(24.0)
    else:
        weight[4:] *= np.float32(0.02)


def _smooth(weight: Floats) -> None:
    """All nine taps alike: smooth pictures."""
    weight[:] = weight[:, :, 1:2, 1:2] * np.float32(0.45)


def _sign(channel: int) -> float:
    return 1.0 if channel % 10 < 5 else -1.0

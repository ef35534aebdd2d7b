"""Decodes a latent, or encodes a picture, a few rows at a time, to the same as at once: in about half the memory, and without a seam.

What keeps the latent's size runs on the whole: the middle of both networks with its attention. Every other layer is computed in bands
of rows, which see the rows of their neighbours; the group norms have the statistics of the whole. Two layers' tensors live at a time, in
room that the caller gives: on the device, in main memory, or in a file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from app.api import Scratch

BAND_BYTES = 32 << 20
"""Of the input of a band."""
Rows = Callable[[Tensor], Tensor]


def decode_in_parts(vae: Any, latent: Tensor, scratch: Scratch, on_part: Callable[[], None]) -> Tensor:
    """Latent (1, C, h, w), unscaled -> (1, 3, H, W) in about -1..1, float32 on the CPU; ``on_part`` is called before each band."""
    decoder, bands = vae.decoder, Bands(scratch, on_part, latent.device)
    rows = to_middle(vae, latent)
    for block in decoder.up_blocks:
        for resnet in block.resnets:
            rows = _residual(resnet, rows, bands)
        for upsampler in block.upsamplers or ():
            rows = bands.convolve(Convolution(upsampler.conv, factor=2), rows)
    pixels = bands.convolve(Convolution(decoder.conv_out, bands.normed(decoder.conv_norm_out, rows, decoder.conv_act)), rows)
    return pixels.float().cpu().contiguous()


def encode_in_parts(vae: Any, pixels: Tensor, scratch: Scratch, on_part: Callable[[], None]) -> Tensor:
    """Pixels (1, 3, H, W) in -1..1 -> mean of the posterior (1, C, h, w), unscaled; ``on_part`` is called before each band."""
    encoder, bands = vae.encoder, Bands(scratch, on_part, pixels.device)
    rows = bands.convolve(Convolution(encoder.conv_in), pixels)
    for block in encoder.down_blocks:
        for resnet in block.resnets:
            rows = _residual(resnet, rows, bands)
        for downsampler in block.downsamplers or ():
            rows = bands.shrink(downsampler.conv, rows)
    middle = encoder.mid_block(rows.to(pixels.device, memory_format=torch.channels_last), None)
    moments = encoder.conv_out(encoder.conv_act(encoder.conv_norm_out(middle)))
    ready: Tensor = vae.quant_conv(moments) if vae.quant_conv is not None else moments
    return ready.chunk(2, dim=1)[0]


def to_middle(vae: Any, latent: Tensor) -> Tensor:
    """The part of the decoder that keeps the latent's size."""
    ready = vae.post_quant_conv(latent) if vae.post_quant_conv is not None else latent
    middle: Tensor = vae.decoder.mid_block(vae.decoder.conv_in(ready), None)
    return middle


def _residual(block: Any, rows: Tensor, bands: Bands) -> Tensor:
    """A ResnetBlock2D of diffusers without a time embedding; the sum takes the place of its input where the sizes are equal."""
    first = bands.convolve(Convolution(block.conv1, bands.normed(block.norm1, rows, block.nonlinearity)), rows)
    last = Convolution(block.conv2, bands.normed(block.norm2, first, block.nonlinearity))
    if block.conv_shortcut is None:
        return bands.convolve(last, first, into=rows, add=lambda band: band)
    return bands.convolve(last, first, add=block.conv_shortcut, shortcut=rows)


@dataclass(frozen=True)
class Convolution:
    """A 3x3 convolution of rows that were prepared by ``before`` and enlarged ``factor`` times by repetition."""

    layer: nn.Conv2d
    before: Rows = lambda rows: rows
    factor: int = 1


class Bands:
    """Computes layers a few rows at a time on ``device``."""

    def __init__(self, scratch: Scratch, on_part: Callable[[], None], device: torch.device) -> None:
        self._scratch = scratch
        self._on_part = on_part
        self._device = device

    def convolve(
        self, step: Convolution, source: Tensor, into: Tensor | None = None, add: Rows | None = None, shortcut: Tensor | None = None
    ) -> Tensor:
        """The layer over ``source`` (1, C, h, w); ``add`` of the same rows of ``shortcut`` (else of ``into``) is added.

        The result lies in ``into``, which must not be ``source``, or in new room.
        """
        height, width = (side * step.factor for side in source.shape[2:])
        result = self._room(step.layer.out_channels, height, width, source.dtype) if into is None else into
        added = result if shortcut is None else shortcut
        for top, bottom in self._bands(height, width * max(step.layer.in_channels, step.layer.out_channels) * source.element_size()):
            self._on_part()
            rows = step.before(self._with_neighbours(source, top, bottom, step))
            band = nn.functional.conv2d(_padded(rows, top, bottom, height, step.layer), step.layer.weight, step.layer.bias)
            if add is not None:
                band = band + add(added[:, :, top:bottom].to(self._device))
            result[:, :, top:bottom] = band
        return result

    def shrink(self, layer: nn.Conv2d, source: Tensor) -> Tensor:
        """A 3x3 convolution of every other row and column of ``source`` (1, C, h, w), zeros below and to the right of it."""
        height, width = source.shape[2:]
        result = self._room(layer.out_channels, height // 2, width // 2, source.dtype)
        for top, bottom in self._bands(result.shape[2], 2 * width * layer.in_channels * source.element_size()):
            self._on_part()
            rows = source[:, :, 2 * top : 2 * bottom + 1].to(self._device)
            missing = 2 * (bottom - top) + 1 - rows.shape[2]
            result[:, :, top:bottom] = nn.functional.conv2d(nn.functional.pad(rows, (0, 1, 0, missing)), layer.weight, layer.bias, 2)
        return result

    def normed(self, norm: nn.GroupNorm, source: Tensor, activation: Rows) -> Rows:
        """``activation`` of ``norm``, with the mean and variance of the whole ``source``."""
        groups, each = norm.num_groups, source.shape[1] // norm.num_groups
        sums = torch.zeros(2, source.shape[1], dtype=torch.float64, device=self._device)
        for top, bottom in self._bands(source.shape[2], source.shape[1] * source.shape[3] * 4):
            band = source[0, :, top:bottom].to(self._device, torch.float32)
            variance, mean = (moment.double() for moment in torch.var_mean(band, dim=(1, 2), correction=0))
            sums += torch.stack([mean, variance + mean.square()]) * (bottom - top)
        mean, square = (sums / source.shape[2]).unflatten(1, (groups, each)).mean(2)
        scale = (square - mean.square()).clamp_min(0).add(norm.eps).rsqrt().repeat_interleave(each)
        factor = scale * norm.weight.double()
        shift = norm.bias.double() - mean.repeat_interleave(each) * factor
        factor, shift = factor.float().view(1, -1, 1, 1), shift.float().view(1, -1, 1, 1)
        return lambda rows: activation(torch.addcmul(shift, rows.float(), factor).to(rows.dtype))

    def _room(self, channels: int, height: int, width: int, dtype: torch.dtype) -> Tensor:
        """(1, C, H, W), a row of pixels in one piece."""
        return self._scratch((1, height, width, channels), dtype).permute(0, 3, 1, 2)

    def _bands(self, height: int, row_bytes: int) -> Iterator[tuple[int, int]]:
        step = max(1, BAND_BYTES // row_bytes)
        return ((top, min(height, top + step)) for top in range(0, height, step))

    def _with_neighbours(self, source: Tensor, top: int, bottom: int, step: Convolution) -> Tensor:
        """Rows ``top`` to ``bottom`` of the enlarged source with one more on each side, as far as there are any."""
        height = source.shape[2] * step.factor
        rows = [self._enlarged(source, max(0, top - 1), min(height, bottom + 1), step.factor)]
        if _wraps(step.layer) and top == 0:
            rows.insert(0, self._enlarged(source, height - 1, height, step.factor))
        if _wraps(step.layer) and bottom == height:
            rows.append(self._enlarged(source, 0, 1, step.factor))
        return rows[0] if len(rows) == 1 else torch.cat(rows, dim=2)

    def _enlarged(self, source: Tensor, top: int, bottom: int, factor: int) -> Tensor:
        """Rows ``top`` to ``bottom`` of the source when every pixel is repeated ``factor`` times each way."""
        if factor == 1:
            return source[:, :, top:bottom].to(self._device)
        first = top // factor
        rows = source[:, :, first : -(-bottom // factor)].to(self._device)
        enlarged = nn.functional.interpolate(rows, scale_factor=float(factor), mode="nearest")
        return enlarged[:, :, top - first * factor : bottom - first * factor]


def _padded(rows: Tensor, top: int, bottom: int, height: int, layer: nn.Conv2d) -> Tensor:
    """Rows with what the convolution sees beyond the edges: zeros, or the opposite edge."""
    if _wraps(layer):
        return nn.functional.pad(rows, (1, 1, 0, 0), mode="circular")
    return nn.functional.pad(rows, (1, 1, int(top == 0), int(bottom == height)))


def _wraps(layer: nn.Conv2d) -> bool:
    return layer.padding_mode == "circular"

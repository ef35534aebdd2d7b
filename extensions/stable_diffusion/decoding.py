"""Decodes a large latent in tiles that are blended, with the statistics of the whole, so that no seam is to be seen.

What looks at the whole picture runs on the whole: the middle of the decoder with its attention, which is small. The group norms of the
rest would give each tile a contrast of its own; they are fed the means and variances of the whole picture, taken from a smaller copy of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

OVERLAP = 4
"""Neighbours share one part in so many of a tile's side."""
Statistics = dict[nn.GroupNorm, "Moments"]


@dataclass(frozen=True)
class Moments:
    """Of each group of a norm's input: (B, groups, 1)."""

    mean: Tensor
    variance: Tensor


@dataclass(frozen=True)
class Tile:
    """A square of a picture, in latent pixels."""

    top: int
    left: int
    height: int
    width: int


def decode_tiled(vae: Any, latent: Tensor, side: int, on_tile: Callable[[], None]) -> Tensor:
    """Latent (1, C, h, w), unscaled -> (1, 3, H, W) in about -1..1, float32 on the CPU; ``side`` of a tile in latent pixels."""
    middle = to_middle(vae, latent)
    margin = side // OVERLAP if _wraps(vae) else 0
    if margin:
        middle = nn.functional.pad(middle, (margin,) * 4, mode="circular")
    height, width = middle.shape[-2:]
    if max(height, width) <= side:
        on_tile()
        return _without(to_pixels(vae, middle).float().cpu(), margin, height)
    statistics = _statistics(vae, middle, side)
    canvas: _Canvas | None = None
    with _fixed(statistics):
        for tile in tiles(height, width, side):
            on_tile()
            pixels = to_pixels(vae, middle[..., tile.top : tile.top + tile.height, tile.left : tile.left + tile.width]).float().cpu()
            canvas = canvas or _Canvas(height, width, pixels.shape[-1] // tile.width)
            canvas.add(tile, pixels)
    if canvas is None:
        raise ValueError("a latent without pixels")
    return _without(canvas.finish(), margin, height)


def _wraps(vae: Any) -> bool:
    """True when the convolutions see the opposite edge: then the tiles must, too."""
    return any(isinstance(layer, nn.Conv2d) and layer.padding_mode == "circular" for layer in vae.decoder.up_blocks.modules())


def _without(pixels: Tensor, margin: int, height: int) -> Tensor:
    """The picture without the margin, given in latent pixels as the padded ``height`` is."""
    cut = margin * pixels.shape[-2] // height
    return pixels[..., cut : pixels.shape[-2] - cut, cut : pixels.shape[-1] - cut] if cut else pixels


def to_middle(vae: Any, latent: Tensor) -> Tensor:
    """The part of the decoder that keeps the latent's size."""
    ready = vae.post_quant_conv(latent) if vae.post_quant_conv is not None else latent
    middle: Tensor = vae.decoder.mid_block(vae.decoder.conv_in(ready), None)
    return middle


def to_pixels(vae: Any, middle: Tensor) -> Tensor:
    """The rest of the decoder, which enlarges."""
    decoder = vae.decoder
    rows = middle.contiguous(memory_format=torch.channels_last)
    for block in decoder.up_blocks:
        rows = block(rows, None)
    pixels: Tensor = decoder.conv_out(decoder.conv_act(decoder.conv_norm_out(rows)))
    return pixels


def tiles(height: int, width: int, side: int) -> list[Tile]:
    """Tiles of at most ``side`` that cover the picture evenly; neighbours overlap by at least a part in ``OVERLAP``."""
    return [Tile(top, left, min(side, height), min(side, width)) for top in _starts(height, side) for left in _starts(width, side)]


def _starts(length: int, side: int) -> list[int]:
    if length <= side:
        return [0]
    count = -(-(length - side) // (side - side // OVERLAP)) + 1
    return [round(index * (length - side) / (count - 1)) for index in range(count)]


class _Canvas:
    """Adds tiles up with weights that fall towards their edges; ``scale``: pixels of a latent pixel."""

    def __init__(self, height: int, width: int, scale: int) -> None:
        self._scale = scale
        self._pixels = torch.zeros(1, 3, height * scale, width * scale)
        self._weights = torch.zeros(1, 1, height * scale, width * scale)

    def add(self, tile: Tile, pixels: Tensor) -> None:
        """Put a decoded tile (1, 3, H, W) in its place."""
        weights = _slope(pixels.shape[-2]).view(-1, 1) * _slope(pixels.shape[-1]).view(1, -1)
        rows = slice(tile.top * self._scale, tile.top * self._scale + pixels.shape[-2])
        columns = slice(tile.left * self._scale, tile.left * self._scale + pixels.shape[-1])
        self._pixels[..., rows, columns] += pixels * weights
        self._weights[..., rows, columns] += weights

    def finish(self) -> Tensor:
        """The whole picture."""
        return self._pixels.div_(self._weights)


def _slope(length: int) -> Tensor:
    """Weights along a side: rising over half of the smallest overlap's width from an edge on which the convolutions saw nothing."""
    ramp = length // OVERLAP
    place = torch.arange(length, dtype=torch.float32)
    from_edge = torch.minimum(place, length - 1 - place)
    weights: Tensor = ((from_edge + 1) / (ramp + 1)).clamp(max=1.0) ** 3
    return weights


def _statistics(vae: Any, middle: Tensor, side: int) -> Statistics:
    """Means and variances that the group norms see of a copy of the picture that fits into a tile."""
    factor = side / max(middle.shape[-2:])
    size = [max(1, int(length * factor)) for length in middle.shape[-2:]]
    found: Statistics = {}

    def note(norm: nn.Module, given: tuple[Tensor, ...], output: Tensor) -> None:
        if isinstance(norm, nn.GroupNorm):
            groups = given[0].float().flatten(2).unflatten(1, (norm.num_groups, -1)).flatten(2)
            found[norm] = Moments(groups.mean(2, keepdim=True), groups.var(2, unbiased=False, keepdim=True))

    with _hooked(_norms(vae), note):
        to_pixels(vae, nn.functional.interpolate(middle, size=size, mode="nearest-exact"))
    return found


@contextmanager
def _fixed(statistics: Statistics) -> Iterator[None]:
    """The norms use these moments, whatever they are given."""

    def replace(norm: nn.Module, given: tuple[Tensor, ...], output: Tensor) -> Tensor:
        if not isinstance(norm, nn.GroupNorm):
            return output
        rows, moments, groups = given[0], statistics[norm], norm.num_groups
        scale = (moments.variance + norm.eps).rsqrt()
        factor = norm.weight.float().view(1, groups, -1) * scale
        shift = norm.bias.float().view(1, groups, -1) - moments.mean * factor
        shape = (1, rows.shape[1], 1, 1)
        return torch.addcmul(shift.view(shape).to(rows.dtype), rows, factor.view(shape).to(rows.dtype))

    with _hooked(list(statistics), replace):
        yield


def _norms(vae: Any) -> list[nn.GroupNorm]:
    decoder = vae.decoder
    return [module for part in (decoder.up_blocks, decoder.conv_norm_out) for module in part.modules() if isinstance(module, nn.GroupNorm)]


@contextmanager
def _hooked(modules: list[nn.GroupNorm], hook: Callable[..., Tensor | None]) -> Iterator[None]:
    handles = [module.register_forward_hook(hook) for module in modules]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()

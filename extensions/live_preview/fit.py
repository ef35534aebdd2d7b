"""A linear map from latents to colours, fitted to the model's own VAE."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from app.api import LoadedModel

SIDE = 16
"""Latent pixels a side of the pictures that the map is fitted to."""
PICTURES = 2
SEED = 1


@dataclass(frozen=True)
class ColourMap:
    """``weights`` (C + 1, 3): the last row is the constant."""

    weights: Tensor

    def __call__(self, latents: Tensor) -> Tensor:
        """Latents (B, C, h, w) -> colours (B, 3, h, w) in 0..1, on the CPU."""
        columns = latents.detach().float().cpu().permute(0, 2, 3, 1)
        return (columns @ self.weights[:-1] + self.weights[-1]).permute(0, 3, 1, 2).clamp(0, 1)


def fit_colours(model: LoadedModel) -> ColourMap:
    """Encode pictures of coloured squares and of soft colours, and regress the colours on the latents (least squares)."""
    pictures = sample_pictures(model.downscale)
    with torch.no_grad():
        latents = model.encode_images(pictures).float().cpu()
    colours = torch.nn.functional.avg_pool2d(pictures, model.downscale)
    rows = latents.permute(0, 2, 3, 1).reshape(-1, latents.shape[1])
    rows = torch.cat([rows, torch.ones(len(rows), 1)], dim=1)
    weights = torch.linalg.lstsq(rows.nan_to_num(), colours.permute(0, 2, 3, 1).reshape(-1, 3), driver="gelsd").solution
    return ColourMap(weights)


def sample_pictures(scale: int) -> Tensor:
    """(PICTURES, 3, SIDE * scale, SIDE * scale) in 0..1: half squares of one colour each, half soft transitions."""
    generator = torch.Generator().manual_seed(SEED)
    coarse = torch.rand((PICTURES, 3, SIDE // 2, SIDE // 2), generator=generator)
    size = (SIDE * scale, SIDE * scale)
    squares = torch.nn.functional.interpolate(coarse[: PICTURES // 2], size=size, mode="nearest")
    soft = torch.nn.functional.interpolate(coarse[PICTURES // 2 :], size=size, mode="bicubic").clamp(0, 1)
    return torch.cat([squares, soft])


def vae_mark(model: LoadedModel) -> tuple[float, ...]:
    """Numbers that differ between VAEs: sums of a few of its weights."""
    vae = model.modules().get("vae")
    tensors = list(vae.parameters()) if vae is not None else []
    return tuple(float(tensor.detach().float().sum()) for tensor in (*tensors[:2], *tensors[-2:]))

"""OFT and BOFT: the outputs are turned by orthogonal matrices (Qiu et al. 2023, arXiv:2306.07280; Liu et al. 2023, arXiv:2311.06243)."""

from __future__ import annotations

import torch
from torch import Tensor

from app.api import UserError
from extensions.lora.api import Difference, LayerChange, Parts, Target

TINY = 1e-8


def read(parts: Parts, target: Target) -> LayerChange | None:
    """``oft_blocks`` (n, b, b), or (m, n, b, b) for BOFT: what rotations are made of; ``oft_diag`` (n, b, b): the rotations themselves."""
    blocks = parts.get("oft_blocks", parts.get("oft_diag"))
    if blocks is None:
        return None
    if blocks.ndim not in (3, 4) or blocks.shape[-1] != blocks.shape[-2] or blocks.shape[-3] * blocks.shape[-1] != target.shape[0]:
        raise UserError(f"{target.name} has {target.shape[0]} outputs, which blocks of {tuple(blocks.shape)} do not turn")
    rescale = parts.get("rescale")

    def delta(weight: Tensor) -> Tensor:
        turned = _turned(_rotations(parts, blocks.to(weight), weight.shape[0]), weight.flatten(1)).view(weight.shape)
        if rescale is not None:
            turned = turned * rescale.to(weight).reshape(-1, *[1] * (weight.ndim - 1))
        return turned - weight

    return Difference(delta)


def _rotations(parts: Parts, blocks: Tensor, outputs: int) -> Tensor:
    """Cayley's transform of the skew-symmetric part of each block, which is limited by alpha in kohya's files."""
    if "oft_diag" in parts:
        return blocks
    skew = blocks - blocks.transpose(-1, -2)
    if blocks.ndim == 3:
        norm = skew.flatten().norm()
        limit = float(parts["alpha"]) * outputs if "alpha" in parts else 0.0
        if limit:
            skew = skew * ((norm.clamp(max=limit) + TINY) / (norm + TINY))
    identity = torch.eye(blocks.shape[-1], dtype=blocks.dtype, device=blocks.device)
    rotations: Tensor = (identity + skew) @ torch.linalg.inv(identity - skew)
    return rotations


def _turned(rotations: Tensor, weight: Tensor) -> Tensor:
    """The rows of ``weight`` (out, columns) turned, block by block; BOFT's levels mix rows that lie 2^level blocks' halves apart."""
    if rotations.ndim == 3:
        return torch.einsum("nab,nac->nbc", rotations, weight.view(*rotations.shape[:2], -1)).reshape(weight.shape)
    half = rotations.shape[-1] // 2
    for level, blocks in enumerate(rotations):
        stride = 2**level * half
        mixed = weight.view(-1, 2, stride, weight.shape[1]).transpose(1, 2).reshape(*blocks.shape[:2], -1)
        mixed = torch.einsum("nab,nbc->nac", blocks, mixed)
        weight = mixed.reshape(-1, stride, 2, weight.shape[1]).transpose(1, 2).reshape(weight.shape)
    return weight

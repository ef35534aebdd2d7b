"""OFT and BOFT: the outputs are turned by orthogonal matrices (Qiu et al. 2023, arXiv:2306.07280; Liu et al. 2023, arXiv:2311.06243)."""

from __future__ import annotations

import torch
from torch import Tensor

from app.api import UserError
from extensions.lora.api import Difference, LayerChange, Parts, Target, named_parts, number_of

TINY = 1e-8
MOST_LEVELS = 30
MADE_OF, THEMSELVES = "oft_blocks", "oft_diag"


def read(parts: Parts, target: Target) -> LayerChange | None:
    """``oft_blocks`` (n, b, b), or (m, n, b, b) for BOFT: what rotations are made of; ``oft_diag`` (n, b, b): the rotations themselves."""
    name = MADE_OF if MADE_OF in parts else THEMSELVES
    if name not in parts:
        return None
    blocks, rescale = parts[name], parts.get("rescale")
    if not _fit(tuple(blocks.shape), target):
        raise UserError(f"{target.name} has the shape {target.shape}, whose outputs blocks of {tuple(blocks.shape)} do not turn")
    if rescale is not None and rescale.numel() != target.shape[0]:
        raise UserError(f"{target.name} has {target.shape[0]} outputs, and rescale the shape {tuple(rescale.shape)}")
    limit = number_of(parts, "alpha", target) * target.shape[0] if "alpha" in parts and blocks.ndim == 3 else 0.0

    def delta(weight: Tensor) -> Tensor:
        given = blocks.to(weight)
        rotations = given if name == THEMSELVES else _rotations(given, limit)
        turned = _turned(rotations, weight.flatten(1)).view(weight.shape)
        if rescale is not None:
            turned = turned * rescale.to(weight).reshape(-1, *[1] * (weight.ndim - 1))
        return turned - weight

    return Difference(delta, named_parts(parts, name, "rescale", "alpha"))


def _fit(blocks: tuple[int, ...], target: Target) -> bool:
    """Whether square blocks (n, b, b) cover the outputs of a layer; of levels (m, n, b, b) each must find pairs of its halves."""
    if len(blocks) not in (3, 4) or len(target.shape) < 2 or blocks[-1] != blocks[-2] or blocks[-3] * blocks[-1] != target.shape[0]:
        return False
    levels = blocks[0] if len(blocks) == 4 else 0
    return not levels or (blocks[-1] % 2 == 0 and blocks[1] % 2 ** min(levels - 1, MOST_LEVELS) == 0)


def _rotations(blocks: Tensor, limit: float) -> Tensor:
    """Cayley's transform of the skew-symmetric part of each block, which kohya's alpha limits; ``limit`` of its norm, 0: none."""
    skew = blocks - blocks.transpose(-1, -2)
    if limit:
        norm = skew.flatten().norm()
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

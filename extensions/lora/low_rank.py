"""LoRA for linear layers and convolutions: two small matrices, or three in the Tucker form (Hu et al. 2021, arXiv:2106.09685)."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from app.api import LayerWeights, UserError
from extensions.lora.api import Difference, LayerChange, Parts, Target, scale_of

UP, DOWN, MIDDLE = "lora_up.weight", "lora_down.weight", "lora_mid.weight"
PEFT_UP, PEFT_DOWN = "lora_B.weight", "lora_A.weight"


def read(parts: Parts, target: Target) -> LayerChange | None:
    """A LoRA; PEFT's two names have no alpha, which A1111 leaves out too."""
    if PEFT_UP in parts and PEFT_DOWN in parts:
        parts = {name: tensor for name, tensor in parts.items() if name != "alpha"} | {UP: parts[PEFT_UP], DOWN: parts[PEFT_DOWN]}
    if UP not in parts or DOWN not in parts:
        return None
    change = LowRank(parts, target)
    bias = parts.get("bias")
    return change if bias is None else Difference(lambda weight: change.delta(weight) + bias.to(weight))


class LowRank:
    """One LoRA on one layer."""

    def __init__(self, parts: Parts, target: Target) -> None:
        self._up, self._down, self._middle = parts[UP], parts[DOWN], parts.get(MIDDLE)
        whole = self._down.shape[0]
        self._rank = whole if target.rank is None else max(0, min(target.rank, whole))
        self._scale = scale_of(parts, whole)
        self._shape = target.shape
        self._check(target)

    def changed(self, layer: LayerWeights, strength: float) -> LayerWeights:
        """The weights with up · down; a plain matrix is done in one multiplication."""
        if self._is_plain(layer.weight):
            up, down = (tensor.flatten(1).to(layer.weight) for tensor in (self._up[:, : self._rank], self._down[: self._rank]))
            whole = torch.addmm(layer.weight.flatten(1), up, down, alpha=self._scale * strength)
            return LayerWeights(whole.view(layer.weight.shape), layer.bias)
        return LayerWeights(layer.weight + self.delta(layer.weight) * strength, layer.bias)

    def delta(self, weight: Tensor) -> Tensor:
        """All of the difference, like ``weight``."""
        up, down = self._up[:, : self._rank].to(weight), self._down[: self._rank].to(weight)
        if self._middle is not None:
            core = self._middle.to(weight)
            product = torch.einsum("or,rsyx,si->oiyx", self._up.to(weight).flatten(1), core, self._down.to(weight).flatten(1))
        else:
            product = (up.flatten(1) @ down.flatten(1)).view(self._product_shape())
        return _widened(product, weight.shape) * self._scale

    def _is_plain(self, weight: Tensor) -> bool:
        return self._middle is None and weight.is_contiguous() and self._product_size() == weight.numel()

    def _product_size(self) -> int:
        return self._up.shape[0] * (self._down.numel() // max(1, self._down.shape[0]))

    def _product_shape(self) -> Sequence[int]:
        """(out, in), or (out, in, height, width) for a convolution."""
        if len(self._shape) != 4:
            return self._shape
        around = self._down.shape[2:] if self._down.ndim == 4 else (1, 1)
        return self._up.shape[0], self._down.shape[1], *around

    def _check(self, target: Target) -> None:
        core, down = self._middle, self._down
        rank = self._up.shape[1] if self._up.ndim > 1 else 0
        ends = (core.shape[0], core.shape[1]) if core is not None else (down.shape[0], down.shape[0])
        if self._up.ndim < 2 or down.ndim < 2 or (rank, down.shape[0], self._up.shape[0]) != (*ends, target.shape[0]):
            raise does_not_fit(target, self._up, down)
        area = _area(down) if core is None else _area(core)
        is_narrower = len(target.shape) == 4 and down.shape[1] < target.shape[1] and area == math.prod(target.shape[2:])
        if down.shape[1] * area != math.prod(target.shape[1:]) and not is_narrower:
            raise does_not_fit(target, self._up, down)


def _area(tensor: Tensor) -> int:
    return tensor.shape[2] * tensor.shape[3] if tensor.ndim == 4 else 1


def _widened(product: Tensor, shape: torch.Size) -> Tensor:
    """For the first convolution of an inpainting checkpoint: the channels that the network does not know stay as they are."""
    if product.ndim == 4 and len(shape) == 4 and product.shape[1] < shape[1]:
        wide = product.new_zeros(shape)
        wide[:, : product.shape[1]] = product
        return wide
    return product.reshape(shape)


def does_not_fit(target: Target, *tensors: Tensor) -> UserError:
    """The error for shapes that do not make the layer's."""
    shapes = " and ".join(str(tuple(tensor.shape)) for tensor in tensors)
    return UserError(f"{target.name} has the shape {target.shape}, which {shapes} do not make.")

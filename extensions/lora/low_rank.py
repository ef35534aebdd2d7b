"""LoRA for linear layers and convolutions: two small matrices, or three in the Tucker form (Hu et al. 2021, arXiv:2106.09685)."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from app.api import LayerWeights, UserError
from extensions.lora.api import Difference, LayerChange, Parts, Target, named_parts, scale_of

UP, DOWN, MIDDLE = "lora_up.weight", "lora_down.weight", "lora_mid.weight"
BIAS = "bias"
"""Of all weights, not of the layer's bias."""
PEFT_UP, PEFT_DOWN = "lora_B.weight", "lora_A.weight"


def read(parts: Parts, target: Target) -> LayerChange | None:
    """A LoRA; PEFT's two names have no alpha, which A1111 leaves out too."""
    up, down = (PEFT_UP, PEFT_DOWN) if PEFT_UP in parts and PEFT_DOWN in parts else (UP, DOWN)
    if up not in parts or down not in parts:
        return None
    used = named_parts(parts, up, down, MIDDLE, "scale", *([] if up == PEFT_UP else ["alpha"]))
    change = LowRank({UP: parts[up], DOWN: parts[down], **{name: parts[name] for name in used - {up, down}}}, target, used)
    if BIAS not in parts:
        return change
    bias = parts[BIAS]
    if bias.numel() != math.prod(target.shape):
        raise does_not_fit(target, bias)
    return Difference(lambda weight: change.delta(weight) + bias.to(weight).reshape(weight.shape), used | {BIAS})


class LowRank:
    """One LoRA on one layer, of the parts ``used``; ``parts`` by kohya's names."""

    def __init__(self, parts: Parts, target: Target, used: frozenset[str]) -> None:
        self.used = used
        self._up, self._down, self._middle = parts[UP], parts[DOWN], parts.get(MIDDLE)
        self._shape = target.shape
        self._check(target)
        whole = self._down.shape[0]
        self._rank = whole if target.rank is None else max(0, min(target.rank, whole))
        self._scale = scale_of(parts, whole, target)

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
        return self._up.shape[0], self._down.shape[1], *_around(self._down)

    def _check(self, target: Target) -> None:
        up, core, down = self._up, self._middle, self._down
        tensors = (up, down) if core is None else (up, core, down)
        if up.ndim not in (2, 4) or down.ndim not in (2, 4) or (core is not None and core.ndim != 4):
            raise does_not_fit(target, *tensors)
        ends = (core.shape[0], core.shape[1]) if core is not None else (down.shape[0], down.shape[0])
        if not target.shape or (up.shape[0], up.shape[1], down.shape[0]) != (target.shape[0], *ends) or _around(up) != (1, 1):
            raise does_not_fit(target, *tensors)
        if core is not None and _around(down) != (1, 1):
            raise does_not_fit(target, *tensors)
        around = _around(down if core is None else core)
        is_narrower = len(target.shape) == 4 and down.shape[1] < target.shape[1] and around == target.shape[2:]
        if down.shape[1] * math.prod(around) != math.prod(target.shape[1:]) and not is_narrower:
            raise does_not_fit(target, *tensors)


def _around(tensor: Tensor) -> tuple[int, ...]:
    """(height, width) of a convolution's weight."""
    return tuple(tensor.shape[2:]) or (1, 1)


def _widened(product: Tensor, shape: torch.Size) -> Tensor:
    """For the first convolution of an inpainting checkpoint: the channels that the network does not know stay as they are."""
    if product.numel() < shape.numel():
        wide = product.new_zeros(shape)
        wide[:, : product.shape[1]] = product
        return wide
    return product.reshape(shape)


def does_not_fit(target: Target, *tensors: Tensor) -> UserError:
    """The error for shapes that do not make the layer's."""
    shapes = " and ".join(str(tuple(tensor.shape)) for tensor in tensors)
    return UserError(f"{target.name} has the shape {target.shape}, which {shapes} do not make.")

"""Noise per picture: one generator each, so that a picture of a batch equals the single picture with its seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import torch
from torch import Tensor

from app.generation.brownian import BrownianNoise, BrownianPath
from app.generation.philox import PhiloxGenerator

NoiseSource = Literal["CPU", "GPU", "NV"]
Shape = tuple[int, int, int]
SEED_LIMIT = 2**64
NEARLY_PARALLEL = 0.9995


class NormalGenerator(Protocol):
    """A running source of standard normal numbers."""

    def normal(self, shape: Sequence[int]) -> Tensor:
        """The next float32 draw of this shape, on the CPU or the generator's device."""
        ...


class TorchGenerator:
    """torch's own generator of a device; the CPU's gives the same numbers everywhere."""

    def __init__(self, seed: int, device: str | torch.device = "cpu") -> None:
        self._generator = torch.Generator(device=device)
        self._generator.manual_seed(seed % SEED_LIMIT)

    def normal(self, shape: Sequence[int]) -> Tensor:
        """The next draw, on the generator's device."""
        return torch.randn(*shape, generator=self._generator, device=self._generator.device)


@dataclass(frozen=True)
class NoisePlan:
    """What decides the noise of a batch.

    ``shape``: one latent (C, h, w); ``resize_from``: (h, w) in latent units of another size whose noise is pasted into the centre, or
    None; ``subseeds`` shorter than ``seeds`` are filled with 0; ``seed_delta``: added to the seeds for all noise after the first;
    ``per_picture`` off: all noise after the first comes from the first picture's generator.
    """

    shape: Shape
    seeds: tuple[int, ...]
    subseeds: tuple[int, ...] = ()
    subseed_strength: float = 0.0
    resize_from: tuple[int, int] | None = None
    seed_delta: int = 0
    source: NoiseSource = "GPU"
    per_picture: bool = True


class ImageNoise:
    """The noise of a batch: ``first`` once, then ``next`` for the sampler; float32, moved to ``device``."""

    def __init__(self, plan: NoisePlan, device: str | torch.device = "cpu") -> None:
        self._plan = plan
        self._device = torch.device(device)
        self._generators = [self._generator(seed) for seed in plan.seeds]

    def first(self) -> Tensor:
        """The start noise (B, C, h, w), with variation and resizing."""
        noise = torch.stack([self._first_of(index) for index in range(len(self._plan.seeds))])
        if self._plan.seed_delta:
            self._generators = [self._generator(seed + self._plan.seed_delta) for seed in self._plan.seeds]
        return noise.to(self._device)

    def next(self) -> Tensor:
        """The next noise (B, C, h, w) of the running generators."""
        if not self._plan.per_picture:
            return self._generators[0].normal((len(self._generators), *self._plan.shape)).to(self._device)
        return torch.stack([generator.normal(self._plan.shape) for generator in self._generators]).to(self._device)

    def brownian(self, sigmas: Tensor, like: Tensor, *, per_picture: bool = True) -> BrownianNoise:
        """Noise by intervals for a pass with these ``sigmas`` (its whole table), of the dtype and on the device of ``like``.

        Every picture has a path of its own, so that a batch equals single pictures, unless ``per_picture`` is off.
        """
        limits = float(sigmas[sigmas > 0].min()), float(sigmas.max())
        shape = self._plan.shape if per_picture else (len(self._plan.seeds), *self._plan.shape)
        seeds = self._plan.seeds if per_picture else self._plan.seeds[:1]
        paths = [BrownianPath(seed % SEED_LIMIT, *limits, lambda node: self._generator(node).normal(shape)) for seed in seeds]
        return BrownianNoise(paths, like, is_shared=not per_picture)

    def _first_of(self, index: int) -> Tensor:
        plan = self._plan
        seed, own = plan.seeds[index], self._generators[index]
        small = (plan.shape[0], *plan.resize_from) if plan.resize_from else plan.shape
        resized = small != plan.shape
        noise = (self._generator(seed) if resized else own).normal(small)
        if plan.subseeds and plan.subseed_strength:
            subseed = plan.subseeds[index] if index < len(plan.subseeds) else 0
            noise = slerp(plan.subseed_strength, noise, self._generator(subseed).normal(small))
        return paste_centre(own.normal(plan.shape), noise) if resized else noise

    def _generator(self, seed: int) -> NormalGenerator:
        if self._plan.source == "NV":
            return PhiloxGenerator(seed)
        return TorchGenerator(seed, self._device if self._plan.source == "GPU" and self._device.type != "mps" else "cpu")


def slerp(strength: float, low: Tensor, high: Tensor) -> Tensor:
    """Blend two latents (C, h, w) along the arc between them; 0 gives ``low``, 1 gives ``high``.

    Angles are taken along dimension 1. Nearly parallel latents are blended in a straight line with the ends exchanged: that is what
    seeds in the wild were drawn with.
    """
    unit_low = low / torch.norm(low, dim=1, keepdim=True)
    unit_high = high / torch.norm(high, dim=1, keepdim=True)
    cosine = (unit_low * unit_high).sum(1)
    if float(cosine.mean()) > NEARLY_PARALLEL:
        return low * strength + high * (1 - strength)
    angle = torch.acos(cosine)
    low_share = torch.sin((1.0 - strength) * angle) / torch.sin(angle)
    high_share = torch.sin(strength * angle) / torch.sin(angle)
    return low_share.unsqueeze(1) * low + high_share.unsqueeze(1) * high


def paste_centre(canvas: Tensor, patch: Tensor) -> Tensor:
    """``canvas`` (C, h, w) with the centre overwritten by ``patch``, of which the centre is used where it is larger."""
    rows_canvas, rows_patch = _centre(canvas.shape[1], patch.shape[1])
    columns_canvas, columns_patch = _centre(canvas.shape[2], patch.shape[2])
    result = canvas.clone()
    result[:, rows_canvas, columns_canvas] = patch[:, rows_patch, columns_patch]
    return result


def _centre(canvas: int, patch: int) -> tuple[slice, slice]:
    """Slices along one axis: where the patch goes in the canvas, and which part of the patch."""
    shift = (canvas - patch) // 2
    length = patch if shift >= 0 else patch + 2 * shift
    to, source = max(shift, 0), max(-shift, 0)
    return slice(to, to + length), slice(source, source + length)

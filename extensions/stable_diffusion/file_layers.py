"""Where the weights of a model's layers lie in its checkpoint file: for changing a file without loading the model.

The layers are those of diffusers' modules, the file has LDM's names. The same converters that load a checkpoint are run here on tensors
whose rows are numbered and of width 1; the numbers that come out tell the place (OpenCLIP's query, key and value are one tensor).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import prod

import torch
from torch import Tensor, nn

from app.api import ModelFileError, ModelHeader, ModelIdentity

from .convert import convert_text, convert_unet, text_names, unet_names
from .load import Blueprint, blueprint, build_text, build_unet


@dataclass(frozen=True)
class FilePlace:
    """Part of the file's tensor ``key``, as ``torch.as_strided`` takes it."""

    key: str
    shape: tuple[int, ...]
    stride: tuple[int, ...]
    offset: int

    def of(self, tensor: Tensor) -> Tensor:
        """A view of that part of the contiguous ``tensor``."""
        return tensor.as_strided(self.shape, self.stride, tensor.storage_offset() + self.offset)


@dataclass(frozen=True)
class CheckpointLayers:
    """``modules`` ("unet", "text_encoder", ...) have shapes but no weights; ``places`` by "unet.conv_in.weight"."""

    family: str
    modules: Mapping[str, nn.Module]
    places: Mapping[str, FilePlace]


def read_layers(header: ModelHeader, identity: ModelIdentity) -> CheckpointLayers:
    """The layers of U-Net and text encoders; raises ModelFileError, without the file's name, for a checkpoint that lacks a part."""
    plan = blueprint({name: info.shape for name, info in header.tensors.items()}, header, identity)
    modules: dict[str, nn.Module] = {"unet": build_unet(plan.unet_config)}
    places = _located(header, unet_names(header.tensors, plan.unet_prefix), "unet", _unet_converter(plan))
    for part in plan.text:
        module = modules[part.name] = build_text(part)
        names = text_names(header.tensors, part)
        places |= _located(header, names, part.name, lambda tensors, part=part, module=module: convert_text(tensors, part, module))  # type: ignore[misc]
    return CheckpointLayers(plan.family, modules, places)


Convert = Callable[[Mapping[str, Tensor]], Mapping[str, Tensor]]


def _unet_converter(plan: Blueprint) -> Convert:
    return lambda tensors: convert_unet(tensors, plan.unet_prefix, plan.unet_config)


def _located(header: ModelHeader, names: list[str], part: str, convert: Convert) -> dict[str, FilePlace]:
    """The places of what ``convert`` makes of the named tensors; what it computes anew has none."""
    marks: dict[str, Tensor] = {}
    starts: list[int] = []
    count = 0
    for name in names:
        shape = header.tensors[name].shape
        rows = shape[0] if shape else 1
        starts.append(count)
        marks[name] = torch.arange(count, count + rows).reshape((rows, *[1] * (len(shape) - 1)) if shape else ())
        count += rows
    try:
        state = convert(marks)
    except KeyError as error:
        raise ModelFileError(f"its {part} lacks the tensor {error.args[0]!r}") from error
    found: dict[str, FilePlace] = {}
    for name, tensor in state.items():
        if tensor.numel():
            index = bisect_right(starts, int(tensor.flatten()[0])) - 1
            place = _place(names[index], header.tensors[names[index]].shape, tensor, starts[index])
            if place is not None:
                found[f"{part}.{name}"] = place
    return found


def _place(key: str, shape: tuple[int, ...], marks: Tensor, start: int) -> FilePlace | None:
    """The place of a tensor of which ``marks`` are the rows' numbers, counted from ``start``; None where they are not in their order."""
    numbers = marks.flatten()
    first = int(numbers[0])
    if not numbers.equal(torch.arange(first, first + len(numbers))) or first - start + len(numbers) > max(1, *shape[:1]):
        return None
    strides = tuple(prod(shape[index + 1 :]) for index in range(len(shape)))
    if marks.ndim == len(shape) == 2 and len(numbers) == marks.shape[1] > 1:
        return FilePlace(key, (shape[1], len(numbers)), (1, strides[0]), (first - start) * strides[0])
    return FilePlace(key, (len(numbers), *shape[1:]) if shape else (), strides, (first - start) * (strides[0] if strides else 1))

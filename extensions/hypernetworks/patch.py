"""Lets a hypernetwork change what the attention layers of the U-Net make keys and values of, by hooks on their projections."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from copy import deepcopy
from typing import Any

import torch
from torch import Tensor, nn

from app.api import LoadedModel
from extensions.hypernetworks.network import Pair

Change = Callable[[nn.Module, tuple[Any, ...]], tuple[Any, ...]]


class Scaled:
    """x + strength * network(x), computed where x is and in its number format."""

    def __init__(self, network: nn.Sequential, strength: float) -> None:
        self._network = network
        self._strength = strength
        self._converted: dict[tuple[torch.device, torch.dtype], nn.Module] = {}

    def __call__(self, x: Tensor) -> Tensor:
        """(B, N, width) -> the same shape."""
        place = (x.device, x.dtype)
        if place not in self._converted:
            self._converted[place] = self._network if place == _place(self._network) else deepcopy(self._network).to(*place)
        change: Tensor = self._converted[place](x)
        return x + change * self._strength


class HypernetworkPatch:
    """A ModelPatch: the networks of one file at a strength; hooks of several patches work one after another, in their order."""

    def __init__(self, state: str, pairs: Mapping[int, Pair], strength: float) -> None:
        self._pairs = pairs
        self._strength = strength
        self.key = f"hypernetwork:{state}|{strength}"

    @contextmanager
    def apply(self, model: LoadedModel) -> Iterator[None]:
        """Hook the projections to keys and values for the length of the context."""
        changes = {
            width: (Scaled(pair.for_keys, self._strength), Scaled(pair.for_values, self._strength)) for width, pair in self._pairs.items()
        }
        with ExitStack() as hooks:
            for layer in attention_layers(model):
                found = changes.get(width_of(layer))
                for projection, change in zip((layer.to_k, layer.to_v), found or (), strict=False):
                    hooks.callback(projection.register_forward_pre_hook(_hook(change)).remove)
            yield


def attention_layers(model: LoadedModel) -> list[Any]:
    """The U-Net's attention layers, on its own tokens and on the prompt's."""
    unet = model.modules()["unet"]
    return [layer for layer in unet.modules() if isinstance(getattr(layer, "to_k", None), nn.Linear) and hasattr(layer, "to_v")]


def width_of(layer: Any) -> int:
    """Width of what keys and values are made of."""
    return int(layer.to_k.in_features)


def _hook(change: Scaled) -> Change:
    def changed(module: nn.Module, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        return (change(inputs[0]), *inputs[1:])

    return changed


def _place(network: nn.Module) -> tuple[torch.device, torch.dtype]:
    parameter = next(network.parameters())
    return parameter.device, parameter.dtype

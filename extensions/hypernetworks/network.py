"""The networks of one hypernetwork file, built as the file says.

Files of A1111 hold for each width (320, 640, 768, ...) a pair of state dicts, for what keys and for what values are made of, and beside
them how the networks are built. Numbered layers of the network are: linear, activation, layer norm, dropout, and so on for every factor of
the layer structure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from app.api import ModelFileError

_KEY = re.compile(r"(\d+)\.([01])\.(.+)")
_OLD_NAMES = {"linear1": "linear.0", "linear2": "linear.1"}
_PREFIX = "linear."
_DROPOUT = 0.3
_NO_ACTIVATION = ("linear", None)
_TORCH_NAMES = (
    *("ReLU", "RReLU", "Hardtanh", "ReLU6", "Sigmoid", "Hardsigmoid", "Tanh", "SiLU", "Mish", "Hardswish", "ELU", "CELU", "SELU", "GELU"),
    *("Hardshrink", "LeakyReLU", "LogSigmoid", "Softplus", "Softshrink", "PReLU", "Softsign", "Tanhshrink", "Softmax2d"),
)


class OverAxis(nn.Module):
    """A function over the axis that PyTorch takes for it where none is named: of three axes the first."""

    def __init__(self, function: Callable[..., Tensor]) -> None:
        super().__init__()
        self._function = function

    def forward(self, x: Tensor) -> Tensor:
        """(..., C) -> the same shape."""
        return self._function(x, dim=0 if x.ndim in (0, 1, 3) else 1)


def activation(name: str) -> nn.Module | None:
    """The activation of a name in a file; None for an unknown one. "swish" is the hard one."""
    over_axis = {"softmax": functional.softmax, "softmin": functional.softmin, "logsoftmax": functional.log_softmax}
    if name in over_axis:
        return OverAxis(over_axis[name])
    names = {"swish": "Hardswish", **{torch_name.lower(): torch_name for torch_name in _TORCH_NAMES}}
    kind: type[nn.Module] | None = getattr(nn, names[name]) if name in names else None
    return kind() if kind else None


@dataclass(frozen=True)
class Build:
    """How the networks of a file are built: factors of the width from layer to layer; ``dropout`` behind each, for training only."""

    layer_structure: tuple[float, ...] = (1.0, 2.0, 1.0)
    activation: str | None = None
    layer_norm: bool = False
    activate_output: bool = True
    dropout: tuple[float, ...] = ()

    def network(self, width: int) -> nn.Sequential:
        """A network without its weights; raises ValueError for what cannot be built."""
        structure, layers = self.layer_structure, list[nn.Module]()
        if len(structure) < 2 or structure[0] != 1 or structure[-1] != 1:
            told = ", ".join(f"{factor:g}" for factor in structure)
            raise ValueError(f"its layer structure is {told}, which has to begin and end with 1")
        for index, (before, after) in enumerate(zip(structure, structure[1:], strict=False)):
            layers.append(nn.Linear(int(width * before), int(width * after)))
            if self.activate_output or index < len(structure) - 2:
                layers.extend(self._activation())
            if self.layer_norm:
                layers.append(nn.LayerNorm(int(width * after)))
            if index + 1 < len(self.dropout) and self.dropout[index + 1] > 0:
                layers.append(nn.Identity())
        return nn.Sequential(*layers)

    def _activation(self) -> list[nn.Module]:
        if self.activation in _NO_ACTIVATION:
            return []
        found = activation(str(self.activation))
        if found is None:
            raise ValueError(f"it uses the activation function {self.activation!r}, which is not known")
        return [found]


@dataclass(frozen=True)
class Pair:
    """The networks of one width, for what keys and for what values are made of; ``keys``: how many tensors of the file they are."""

    for_keys: nn.Sequential
    for_values: nn.Sequential
    keys: int


def read_pairs(tensors: Mapping[str, Tensor], metadata: Mapping[str, str], name: str) -> Mapping[int, Pair]:
    """The networks of a file by width, of its tensors by dotted names ("768.0.linear.0.weight") and its notes.

    Raises ModelFileError that names the file ``name``.
    """
    sorted_states: dict[int, tuple[dict[str, Tensor], dict[str, Tensor]]] = {}
    for key, tensor in tensors.items():
        match = _KEY.fullmatch(key)
        if match is None:
            raise ModelFileError(f"{name}: is no hypernetwork, it has a tensor {key[:80]!r}.")
        sorted_states.setdefault(int(match[1]), ({}, {}))[int(match[2])][_new_name(match[3])] = tensor
    if not sorted_states:
        raise ModelFileError(f"{name}: is no hypernetwork, it has no tensors.")
    build = read_build(metadata, name)
    pairs = {}
    for width, states in sorted_states.items():
        for_keys, for_values = (_filled(build, width, state, name) for state in states)
        pairs[width] = Pair(for_keys, for_values, sum(map(len, states)))
    return pairs


def _new_name(key: str) -> str:
    """The layer's number and the parameter; the first files had names for their two layers."""
    layer, _, parameter = key.partition(".")
    return (f"{_OLD_NAMES[layer]}.{parameter}" if layer in _OLD_NAMES else key).removeprefix(_PREFIX)


def _filled(build: Build, width: int, state: Mapping[str, Tensor], name: str) -> nn.Sequential:
    """A network with its weights in float32; it computes, and is not trained."""
    if len(build.layer_structure) > len(state) + 1:
        raise ModelFileError(f"{name}: has {len(state)} tensors for width {width}, too few for its layer structure.")
    try:
        with torch.device("meta"):
            network = build.network(width)
        network.load_state_dict({key: tensor.float() for key, tensor in state.items()}, assign=True)
    except ValueError as error:
        raise ModelFileError(f"{name}: {error}.") from error
    except (RuntimeError, OverflowError) as error:
        raise ModelFileError(f"{name}: the tensors for width {width} are not what its layer structure says ({error}).") from error
    return network.eval().requires_grad_(False)


def read_build(metadata: Mapping[str, str], name: str) -> Build:
    """How the file says its networks are built, with the defaults that old files mean; raises ModelFileError."""
    structure = _numbers(metadata, "layer_structure", name) or Build.layer_structure
    dropout = _numbers(metadata, "dropout_structure", name)
    if not dropout and _truth(metadata, "use_dropout", default=False):
        dropout = (0.0, *[_DROPOUT] * (len(structure) - 3), _DROPOUT if _truth(metadata, "last_layer_dropout", default=False) else 0.0, 0.0)
    chosen = metadata.get("activation_func")
    return Build(
        layer_structure=structure,
        activation=None if chosen == "null" else chosen,
        layer_norm=_truth(metadata, "is_layer_norm", default=False),
        activate_output=_truth(metadata, "activate_output", default=True),
        dropout=dropout,
    )


def _truth(metadata: Mapping[str, str], key: str, *, default: bool) -> bool:
    return metadata[key] not in ("false", "null", "0", "") if key in metadata else default


def _numbers(metadata: Mapping[str, str], key: str, name: str) -> tuple[float, ...]:
    """A list, whose items have names of their own; () where there is none."""
    texts: Sequence[str] = [metadata[f"{key}.{index}"] for index in range(len(metadata)) if f"{key}.{index}" in metadata]
    try:
        return tuple(float(text) for text in texts)
    except ValueError as error:
        raise ModelFileError(f"{name}: its {key} is not a list of numbers ({error}).") from error

"""What other extensions may use: the contract of a kind of network on a layer, and files applied by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from app.api import LayerWeights, ModelRecord, PassContext, Run, UserError

if TYPE_CHECKING:
    from torch import Tensor, nn

    from app.api import Host

Parts = Mapping[str, "Tensor"]
"""What a file holds for one layer, by the name behind the layer's: "lora_up.weight", "alpha"."""


@dataclass(frozen=True)
class Target:
    """The layer that a network is for; ``shape`` of its weight. ``rank``: how many dimensions to use of a low-rank network, None: all."""

    name: str
    shape: tuple[int, ...]
    rank: int | None = None


class LayerChange(Protocol):
    """A network on one layer."""

    def changed(self, layer: LayerWeights, strength: float) -> LayerWeights:
        """The layer's weights with the network, in the number format of ``layer``; 0 changes nothing, 1 all."""
        ...


Read = Callable[[Parts, Target], LayerChange | None]


@dataclass(frozen=True)
class LayerKind:
    """``read`` makes a change of a layer's parts, or None where they are of another kind; raises UserError for what does not fit.

    Lower ``order`` is asked first.
    """

    id: str
    read: Read
    order: int = 100


def read_low_rank(parts: Parts, target: Target) -> LayerChange | None:
    """A plain LoRA, or None; raises UserError for one that does not fit."""
    from extensions.lora.low_rank import read

    return read(parts, target)


def prompt_files(context: PassContext, run: Run) -> list[tuple[str, ModelRecord]]:
    """The LoRA files of a pass with the names that its tags call them by; those that are missing, which their use tells, are left out."""
    from extensions.lora.names import find_file
    from extensions.lora.tags import named_networks

    found = []
    for network in named_networks(context.tags):
        try:
            found.append((network.name, find_file(network.name, run.host)))
        except UserError:
            continue
    return found


def scale_of(parts: Parts, rank: int) -> float:
    """What the product of a low-rank network is multiplied by: ``scale``, or alpha / rank, or 1."""
    if "scale" in parts:
        return float(parts["scale"])
    return float(parts["alpha"]) / rank if "alpha" in parts and rank else 1.0


@dataclass(frozen=True)
class Difference:
    """A change that is added: ``delta`` gives all of it for the layer's weights, ``bias`` (out,) is that of the bias."""

    delta: Callable[[Tensor], Tensor]
    bias: Tensor | None = None

    def changed(self, layer: LayerWeights, strength: float) -> LayerWeights:
        """The weights with the difference, times the strength."""
        weight = layer.weight + self.delta(layer.weight).reshape(layer.weight.shape) * strength
        if self.bias is None:
            return LayerWeights(weight, layer.bias)
        bias = self.bias.to(weight) * strength
        return LayerWeights(weight, bias if layer.bias is None else layer.bias + bias)


def read_layer(parts: Mapping[str, Tensor], target: Target, kinds: Iterable[LayerKind]) -> LayerChange:
    """The network on one layer; raises UserError where no kind knows it, or it does not fit."""
    for kind in kinds:
        change = kind.read(parts, target)
        if change is not None:
            return change
    raise UserError(f"no installed extension knows a network of {', '.join(sorted(parts))}")


class FileChanges(Protocol):
    """What a file does to the layers of a model: ``changes`` by layer ("unet.conv_in"); ``problems`` say why something takes no effect.

    ``parts``: how many layers of each part it changes, by title.
    """

    @property
    def changes(self) -> Mapping[str, LayerChange]:
        """By layer."""
        ...

    @property
    def problems(self) -> Mapping[str, str]:
        """By the layer's name in the file."""
        ...

    @property
    def parts(self) -> Mapping[str, int]:
        """By title."""
        ...


def find_lora(name: str, host: Host) -> ModelRecord:
    """The file that a tag of this name means; raises UserError."""
    from extensions.lora.names import find_file

    return find_file(name, host)


def read_changes(record: ModelRecord, modules: Mapping[str, nn.Module], run: Run) -> FileChanges:
    """What a file does to the layers of ``modules`` ("unet", "text_encoder", ...), which need no weights; raises ModelFileError."""
    from pathlib import Path

    from app.api import load_tensors
    from extensions.lora.apply import layer_kinds
    from extensions.lora.keys import LayerNames
    from extensions.lora.network import Place, read_network

    return read_network(load_tensors(Path(record.path)), Place(LayerNames(modules), modules), layer_kinds(run))


def layer_names(modules: Mapping[str, nn.Module]) -> dict[str, str]:
    """By layer ("unet.conv_in"): the name that kohya's trainer gives it ("lora_unet_conv_in")."""
    from extensions.lora.kohya import kohya_names

    return kohya_names(modules)

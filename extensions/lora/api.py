"""What other extensions may use: the contract of a kind of network on a layer, and files applied by name."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from app.api import LayerWeights, ModelRecord, PassContext, Run, UserError, WeightEdits
from extensions.lora.blocks import preset_names
from extensions.lora.hashes import find_by_hash, has_hash, lora_hash
from extensions.lora.names import FOLDER, LoraPlace, find_file

if TYPE_CHECKING:
    from torch import Tensor, nn

__all__ = [
    "FOLDER",
    "Difference",
    "FileChanges",
    "LayerChange",
    "LayerKind",
    "LoraPlace",
    "Parts",
    "Read",
    "Target",
    "WantedNetwork",
    "apply_network",
    "find_by_hash",
    "find_file",
    "has_hash",
    "layer_names",
    "lora_hash",
    "named_parts",
    "number_of",
    "preset_names",
    "read_changes",
    "read_layer",
    "read_low_rank",
    "scale_of",
    "shortened",
    "used_files",
]

LONGEST, SHOWN = 60, 4
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

    @property
    def used(self) -> frozenset[str]:
        """The names of the parts that it is made of; whatever else the file has for the layer is reported as without effect."""
        ...

    def changed(self, layer: LayerWeights, strength: float) -> LayerWeights:
        """The layer's weights with the network, in the number format of ``layer``; 0 changes nothing, 1 all."""
        ...


Read = Callable[[Parts, Target], LayerChange | None]


@dataclass(frozen=True)
class LayerKind:
    """``read`` makes a change of a layer's parts, or None where they are of another kind; raises UserError for what does not fit.

    Whatever ``read`` lets pass can be applied: nobody looks at the shapes again. Lower ``order`` is asked first.
    """

    id: str
    read: Read
    order: int = 100


@dataclass(frozen=True)
class WantedNetwork:
    """A LoRA file that a pass is to use.

    ``text`` and ``denoiser``: how strongly on the text encoders and on the U-Net; ``blocks``: further factors by block of the U-Net,
    numbers or the name of a preset, "" for none; ``rank`` cuts low-rank networks to so many dimensions. ``title``: how the report calls
    it, by which it must be told from others of the job, "" for the name; ``place``: where it is asked for, for errors.
    """

    name: str
    text: float = 1.0
    denoiser: float = 1.0
    blocks: str = ""
    rank: int | None = None
    title: str = ""
    place: LoraPlace = LoraPlace()

    @property
    def strength(self) -> str:
        """Both strengths in words."""
        same = f"{self.text:g}" if self.text == self.denoiser else f"text {self.text:g}, U-Net {self.denoiser:g}"
        return f"{same}, blocks {self.blocks}" if self.blocks else same


def apply_network(wanted: WantedNetwork, context: PassContext, run: Run) -> WeightEdits | None:
    """What ``edit_weights`` returns for a file, after a report of what takes effect; None where the settings go on without it.

    Raises UserError for a file that is missing, or of which nothing fits, and for blocks that are written wrongly.
    """
    from extensions.lora.apply import network_edits

    return network_edits(wanted, context.model, run)


def read_low_rank(parts: Parts, target: Target) -> LayerChange | None:
    """A plain LoRA, or None; raises UserError for one that does not fit."""
    from extensions.lora.low_rank import read

    return read(parts, target)


def used_files(context: PassContext, run: Run) -> list[tuple[str, ModelRecord]]:
    """The LoRA files of a pass with the names that its tags, or other extensions, call them by.

    Those that are missing, which their use tells, are left out.
    """
    from extensions.lora import hookspecs
    from extensions.lora.tags import named_networks

    found = []
    for network in named_networks(context.tags):
        try:
            found.append((network.name, find_file(network.name, run.host)))
        except UserError:
            continue
    others = run.host.hooks.collect(hookspecs.find_used_files, strict=True, context=context, run=run)
    return [*found, *(owned.value for owned in others)]


def number_of(parts: Parts, name: str, target: Target) -> float:
    """A part that is one number, such as alpha; raises UserError where it is several, none, or not finite."""
    part = parts[name]
    number = float(part) if part.numel() == 1 else math.nan
    if not math.isfinite(number):
        told = f"the shape {tuple(part.shape)}" if part.numel() != 1 else f"the value {number}"
        raise UserError(f"{target.name}: {name} has {told}, and must be one number.")
    return number


def scale_of(parts: Parts, rank: int, target: Target) -> float:
    """What the product of a low-rank network is multiplied by: ``scale``, or alpha / rank, or 1; raises UserError."""
    if "scale" in parts:
        return number_of(parts, "scale", target)
    return number_of(parts, "alpha", target) / rank if "alpha" in parts and rank else 1.0


def named_parts(parts: Parts, *names: str) -> frozenset[str]:
    """Those of the names that the layer has."""
    return frozenset(names) & parts.keys()


@dataclass(frozen=True)
class Difference:
    """A change that is added: ``delta`` gives all of it for the layer's weights, ``bias`` (out,) is that of the bias.

    ``used``: the names of the parts that it is made of.
    """

    delta: Callable[[Tensor], Tensor]
    used: frozenset[str]
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
    strange = next((name for name, tensor in parts.items() if tensor.is_complex()), None)
    if strange is not None:
        raise UserError(f"{target.name}: {strange[:LONGEST]} has complex numbers.")
    try:
        change = next((change for kind in kinds if (change := kind.read(parts, target)) is not None), None)
    except (ValueError, IndexError, RuntimeError) as error:  # tensors that lack dimensions, or have too many
        raise UserError(f"{target.name}: its network is damaged ({str(error)[:LONGEST]}).") from error
    if change is None:
        raise UserError(f"no installed extension knows a network of {shortened(parts)}")
    return change


def shortened(names: Iterable[str]) -> str:
    """A few of the names, in order; they come from a file, and may be anything."""
    ordered = sorted(names)
    return ", ".join(name[:LONGEST] for name in ordered[:SHOWN]) + (" ..." if len(ordered) > SHOWN else "")


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

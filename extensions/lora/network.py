"""One file read for one model: its layers, what is on each of them, and what found no place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from torch import Tensor, nn

from app.api import LayerWeights, UserError
from extensions.lora.api import LayerChange, LayerKind, Target, read_layer, shortened
from extensions.lora.blocks import block_of
from extensions.lora.keys import BUNDLED, UNET, LayerNames, layer_paths
from extensions.lora.unet_names import ldm_names

PART_TITLES = {"unet": "U-Net", "text_encoder": "text encoder", "text_encoder_2": "text encoder 2"}


@dataclass(frozen=True)
class Network:
    """``changes`` by layer; ``problems`` say, by the name of the layer or of its part in the file, why that took no effect."""

    changes: Mapping[str, LayerChange]
    problems: Mapping[str, str] = field(default_factory=dict)

    @property
    def parts(self) -> dict[str, int]:
        """How many layers of each part of the model it changes, by title."""
        counts: dict[str, int] = {}
        for layer in self.changes:
            title = PART_TITLES.get(layer.partition(".")[0], layer)
            counts[title] = counts.get(title, 0) + 1
        return {title: counts[title] for title in PART_TITLES.values() if title in counts}


@dataclass(frozen=True)
class NetworkEdit:
    """Fulfils LayerEdit: a network on one layer, at a strength."""

    key: str
    change: LayerChange
    strength: float

    def apply(self, layer: LayerWeights) -> LayerWeights:
        """The layer with the network."""
        return self.change.changed(layer, self.strength)


@dataclass(frozen=True)
class Place:
    """The layers of a model, by the names that files have for them, and its modules."""

    names: LayerNames
    modules: Mapping[str, nn.Module]

    @cached_property
    def blocks(self) -> Mapping[str, str]:
        """The block ("BASE", "IN04", "M00", "OUT11") of every layer."""
        found: dict[str, str] = {}
        for part, module in self.modules.items():
            paths = layer_paths(module)
            ldm = ldm_names(paths) if part == UNET else {}
            found |= {f"{part}.{path}": block_of(ldm.get(path, "")) for path in paths}
        return found

    def target(self, layer: str, rank: int | None) -> Target:
        """What a network has to fit."""
        part, _, path = layer.partition(".")
        weight = self.modules[part].get_submodule(path).get_parameter("weight")
        return Target(layer, tuple(weight.shape), rank)


def read_network(tensors: Mapping[str, Tensor], place: Place, kinds: Sequence[LayerKind], rank: int | None = None) -> Network:
    """Sort a file's tensors by the layers that they are for, and read each layer's network; parts of it that nothing uses are problems."""
    layers: dict[str, dict[str, Tensor]] = {}
    named: dict[str, str] = {}
    problems: dict[str, str] = {}
    for key, tensor in tensors.items():
        found = place.names.find(key)
        if found:
            layers.setdefault(found[0], {})[found[1]] = tensor
            named.setdefault(found[0], layer_name(key))
        elif not key.startswith(BUNDLED):
            problems[layer_name(key)] = "this checkpoint has no such layer"
    changes: dict[str, LayerChange] = {}
    for layer, parts in layers.items():
        try:
            change = changes[layer] = read_layer(parts, place.target(layer, rank), kinds)
        except UserError as error:
            problems[named[layer]] = error.what
            continue
        for part in parts.keys() - change.used:
            problems[f"{named[layer]}.{part}"] = f"{shortened([part])} means nothing beside {shortened(change.used)}"
    return Network(changes, problems)


def layer_name(key: str) -> str:
    """The layer's name at the beginning of a key: up to the first dot, or in names with dots without the last two words."""
    pieces = key.split(".")
    return pieces[0] if "_" in pieces[0] and len(pieces) <= 3 else ".".join(pieces[: max(1, len(pieces) - 2)])

"""The job that writes a checkpoint with LoRAs in its weights, tensor by tensor."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from app.api import (
    FLOAT_FORMATS,
    OWN_HASHES,
    SAVED_FORMATS,
    JobResult,
    Json,
    LayerWeights,
    ModelFileError,
    ModelHeader,
    ModelRecord,
    NetworkUse,
    Run,
    TensorInfo,
    TensorReader,
    UserError,
    narrowed,
    open_tensors,
    take_in,
    torch_dtype,
    write_safetensors,
)
from extensions.lora.api import FileChanges, LayerChange, read_changes
from extensions.lora_tools.files import CHECKPOINTS, Baking, prepare_bake
from extensions.lora_tools.layers import LayerReader, layers_of
from extensions.lora_tools.params import BakeRequest, WeightedLora

NOTE = "paintbox_baked_loras"
BUNDLED = "bundle_emb."
SHOWN = 10


@dataclass(frozen=True)
class Change:
    """A network on a layer, at a strength."""

    change: LayerChange
    strength: float


Changes = Mapping[str, Sequence[Change]]
"""By layer ("unet.conv_in"), in the order in which they are added."""


def bake(run: Run, request: BakeRequest) -> JobResult:
    """Write the new checkpoint; raises UserError that names the file and the reason."""
    files = prepare_bake(request, run.host)

    def report(fraction: float, name: str) -> None:
        run.control.check()
        run.tell(f"Writing {files.target.name}: {name}", fraction)

    with open_tensors(Path(files.checkpoint.path)) as reader:
        layers = LayerReader(reader, layers_of(files.checkpoint, reader))
        changes = collect_changes(run, request, files, layers)
        planned = planned_tensors(reader.header, request)
        baker = Baker(reader, layers, changes, planned)
        written = write_safetensors(files.target, planned, baker.make, metadata=make_notes(request, files, reader.header), report=report)
    if baker.lacking:
        told = f"such as {min(baker.lacking)}"
        run.comment(f"{len(baker.lacking)} layers would have a bias that the checkpoint has no place for, {told}.")
    if baker.overflowed:
        run.comment(f"{len(baker.overflowed)} tensors have numbers beyond their number format, such as {baker.overflowed[0]}.")
    record = take_in(run.host.models, CHECKPOINTS, written)
    facts: dict[str, Json] = {"path": str(files.target), "name": record.name if record else files.target.name, "tensors": written.tensors}
    return JobResult(info={**facts, "size_bytes": written.size_bytes, "sha256": written.sha256})


def collect_changes(run: Run, request: BakeRequest, files: Baking, layers: LayerReader) -> Changes:
    """What the LoRAs do to the layers, with the truth about each; raises UserError where nothing of one fits."""
    changes: dict[str, list[Change]] = {}
    for asked, record in zip(request.loras, files.loras, strict=True):
        run.control.check()
        run.tell(f"Reading {record.name}")
        network = read_changes(record, layers.layers.modules, run)
        use = describe_use(asked, record, network)
        if not network.changes:
            raise UserError(f"Nothing of the LoRA {record.name} fits {files.checkpoint.name}. {use.note}".strip(), field="loras")
        run.used_network(use)
        for layer, change in network.changes.items():
            strength = asked.text if layer.startswith("text_encoder") else asked.weight
            if f"{layer}.weight" not in layers.layers.places:
                raise ModelFileError(f"{files.checkpoint.name}: the layer {layer} is not in the file as it is.", field="checkpoint")
            if strength:
                changes.setdefault(layer, []).append(Change(change, strength))
        if any(key.startswith(BUNDLED) for key in run.host.models.header(record).tensors):
            run.comment(f"{record.name} brings embeddings along; a checkpoint has no place for them.")
    return changes


def describe_use(asked: WeightedLora, record: ModelRecord, network: FileChanges) -> NetworkUse:
    """How many of the file's layers take effect, and why the others do not."""
    applied, reasons = len(network.changes), sorted(set(network.problems.values()))
    return NetworkUse(
        type="lora",
        name=asked.name,
        file=record.name,
        sha256=record.sha256 or "",
        strength=asked.shown,
        applied=applied,
        total=applied + len(network.problems),
        parts=dict(network.parts),
        unmatched=tuple(sorted(network.problems))[:SHOWN],
        note=f"Reason: {'; '.join(reasons[:3])}." if reasons else "",
    )


def planned_tensors(header: ModelHeader, request: BakeRequest) -> dict[str, TensorInfo]:
    """What is written; weights in the wanted number format."""
    wanted = SAVED_FORMATS.get(request.number_format)
    return {
        name: TensorInfo(wanted, info.shape) if wanted and info.dtype in FLOAT_FORMATS else info for name, info in header.tensors.items()
    }


class Baker:
    """Makes the tensors of the new file; ``overflowed``: those with infinite numbers, ``lacking``: layers whose bias has no place."""

    def __init__(self, reader: TensorReader, layers: LayerReader, changes: Changes, planned: Mapping[str, TensorInfo]) -> None:
        self._reader = reader
        self._layers = layers
        self._changes = changes
        self._planned = planned
        self._by_key: dict[str, list[str]] = {}
        for name, place in layers.layers.places.items():
            if name.rpartition(".")[0] in changes:
                self._by_key.setdefault(place.key, []).append(name)
        self.overflowed: list[str] = []
        self.lacking: set[str] = set()

    def make(self, key: str) -> Tensor:
        """One tensor; computed in float32, as in drawing."""
        tensor = self._reader.read(key)
        has_become_infinite = False
        if key in self._by_key:
            was_finite = bool(tensor.isfinite().all())
            tensor = tensor.float().contiguous()
            for name in self._by_key[key]:
                layer, _, part = name.rpartition(".")
                changed = self._changed(layer)
                if changed.bias is not None and not self._layers.has(f"{layer}.bias"):
                    self.lacking.add(layer)
                made = changed.weight if part == "weight" else changed.bias
                if made is not None:
                    self._layers.layers.places[name].of(tensor).copy_(made)
            has_become_infinite = was_finite and not bool(tensor.isfinite().all())
        tensor, has_overflowed = narrowed(tensor, torch_dtype(self._planned[key].dtype))
        if has_become_infinite or has_overflowed:
            self.overflowed.append(key)
        return tensor

    def _changed(self, layer: str) -> LayerWeights:
        bias = self._layers.read(f"{layer}.bias").float() if self._layers.has(f"{layer}.bias") else None
        weights = LayerWeights(self._layers.read(f"{layer}.weight").float().contiguous(), bias)
        for change in self._changes[layer]:
            weights = change.change.changed(weights, change.strength)
        return weights


def make_notes(request: BakeRequest, files: Baking, header: ModelHeader) -> dict[str, str]:
    """The checkpoint's notes, and which LoRAs are in it."""
    kept = {key: text for key, text in header.metadata.items() if key not in OWN_HASHES}
    baked = [
        {"name": record.name, "sha256": record.sha256, "weight": asked.weight, "text_weight": asked.text}
        for asked, record in zip(request.loras, files.loras, strict=True)
    ]
    return {**kept, NOTE: json.dumps({"checkpoint": files.checkpoint.name, "sha256": files.checkpoint.sha256, "loras": baked})}

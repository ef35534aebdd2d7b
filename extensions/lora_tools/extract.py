"""The job that makes a LoRA of the difference of two checkpoints, as kohya's ``extract_lora_from_models`` does."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn

from app.api import FORMATS_BY_WORD, JobResult, Json, Run, TensorInfo, UserError, open_tensors, take_in, torch_dtype, write_safetensors
from extensions.lora.api import layer_names
from extensions.lora_tools.decompose import decompose
from extensions.lora_tools.files import LORAS, Extraction, prepare_extract
from extensions.lora_tools.layers import LayerReader, layers_of
from extensions.lora_tools.params import ExtractRequest

BASES: Mapping[str, str] = {"sd1": "sd_v1", "sd2": "sd_v2", "sdxl": "sdxl_base_v1-0", "sdxl-refiner": "sdxl_refiner_v1-0"}
RESIDUAL = (".resnets.", ".downsamplers.", ".upsamplers.")
TEXT_LAYERS = (".self_attn.", ".mlp.")


@dataclass
class Extracted:
    """What was found: tensors of the LoRA by key, and what the user is told."""

    tensors: dict[str, Tensor] = field(default_factory=dict)
    layers: int = 0
    lost: float = 0.0
    other: list[str] = field(default_factory=list)
    """Tensors that differ and that such a LoRA does not hold."""


def extract(run: Run, request: ExtractRequest) -> JobResult:
    """Write the LoRA; raises UserError that names the file and the reason."""
    files = prepare_extract(request, run.host)
    with ExitStack() as stack:
        readers = []
        for record in (files.base, files.tuned):
            reader = stack.enter_context(open_tensors(Path(record.path)))
            readers.append(LayerReader(reader, layers_of(record, reader)))
        found = compare(run, request, *readers)
        family = readers[0].layers.family
    if not found.layers:
        what = f"No layer of {files.tuned.name} differs from {files.base.name} in what a LoRA can hold."
        raise UserError(what, hint="Lower the minimum difference, or give convolutions a rank." if found.other else "", field="tuned")
    dtype = torch_dtype(FORMATS_BY_WORD[request.number_format])
    tensors = {key: tensor.to(dtype) for key, tensor in found.tensors.items()}

    def make(key: str) -> Tensor:
        run.control.check()
        return tensors[key]

    infos = {key: TensorInfo(FORMATS_BY_WORD[request.number_format], tuple(tensor.shape)) for key, tensor in tensors.items()}
    written = write_safetensors(files.target, infos, make, metadata=make_notes(request, files, family))
    listed = take_in(run.host.models, LORAS, written)
    tell(run, request, found)
    facts: dict[str, Json] = {"path": str(files.target), "name": listed.name if listed else files.target.name, "layers": found.layers}
    return JobResult(info={**facts, "size_bytes": written.size_bytes, "sha256": written.sha256, "lost": round(found.lost, 4)})


def compare(run: Run, request: ExtractRequest, base: LayerReader, tuned: LayerReader) -> Extracted:
    """Go through all layers of both."""
    names = layer_names(base.layers.modules)
    found = Extracted()
    skipped = same_text_encoders(run, request, base, tuned)
    lost = 0.0
    layers = sorted(base.layers.places)
    for number, name in enumerate(layers):
        run.control.check()
        run.tell(f"Comparing {name}", number / len(layers))
        layer, _, part = name.rpartition(".")
        first, second = base.read(name), _read_same(tuned, name, first_shape=base.layers.places[name].shape)
        if first.equal(second) or layer.partition(".")[0] in skipped:
            continue
        rank = rank_of(layer, base.layers.modules, request) if part == "weight" else 0
        if not rank:
            found.other.append(name)
            continue
        pair = decompose(second.float() - first.float(), rank, request.clamp_quantile)
        key = names[layer]
        kept = pair.down.shape[0]
        found.tensors |= {f"{key}.lora_up.weight": pair.up, f"{key}.lora_down.weight": pair.down}
        found.tensors[f"{key}.alpha"] = torch.tensor(float(kept))
        found.layers += 1
        lost += pair.left
    found.lost = lost / found.layers if found.layers else 0.0
    return found


def _read_same(reader: LayerReader, name: str, first_shape: tuple[int, ...]) -> Tensor:
    if not reader.has(name) or reader.layers.places[name].shape != first_shape:
        raise UserError(f"The models have different layers: {name} is not in both, or of another size.", field="tuned")
    return reader.read(name)


def same_text_encoders(run: Run, request: ExtractRequest, base: LayerReader, tuned: LayerReader) -> set[str]:
    """The text encoders of which no matrix differs by ``min_diff`` anywhere; they are left out."""
    same = {part for part in base.layers.modules if part.startswith("text_encoder")}
    for name in base.layers.places:
        part = name.partition(".")[0]
        if part in same and name.endswith(".weight") and any(words in name for words in TEXT_LAYERS) and tuned.has(name):
            run.control.check()
            difference = (tuned.read(name).float() - base.read(name).float()).abs().max()
            if float(difference) > request.min_diff:
                same.discard(part)
    return same


def rank_of(layer: str, modules: Mapping[str, nn.Module], request: ExtractRequest) -> int:
    """The rank for a layer; 0 where kohya's LoRAs have none."""
    part, _, path = layer.partition(".")
    module = modules[part].get_submodule(path)
    is_conv = isinstance(module, nn.Conv2d)
    if not isinstance(module, nn.Linear) and not is_conv:
        return 0
    if part != "unet":
        return request.rank if any(words in f".{path}" for words in TEXT_LAYERS) else 0
    is_wide = is_conv and module.kernel_size != (1, 1)
    if ".attentions." in path:
        return request.rank
    if request.conv_rank and any(words in path for words in RESIDUAL):
        return request.conv_rank if is_wide else request.rank
    return 0


def make_notes(request: ExtractRequest, files: Extraction, family: str) -> dict[str, str]:
    """The metadata that kohya's programs and A1111 read."""
    notes = {
        "ss_v2": str(family == "sd2"),
        "ss_base_model_version": BASES.get(family, family),
        "ss_sd_model_name": Path(files.base.path).name,
        "ss_output_name": files.target.stem,
        "ss_network_module": "networks.lora",
        "ss_network_dim": str(request.rank),
        "ss_network_alpha": str(float(request.rank)),
        "ss_training_comment": f"Extracted: {files.tuned.name} - {files.base.name}",
    }
    if request.conv_rank:
        notes["ss_network_args"] = json.dumps({"conv_dim": str(request.conv_rank), "conv_alpha": str(float(request.conv_rank))})
    return notes


def tell(run: Run, request: ExtractRequest, found: Extracted) -> None:
    """What the LoRA does not hold."""
    if found.other:
        hint = "" if request.conv_rank else " A rank for convolutions takes in more."
        run.comment(f"{len(found.other)} tensors differ that this LoRA does not hold, such as {found.other[0]}.{hint}")
    if found.lost > 0.01:
        run.comment(f"On average {found.lost:.0%} of the differences' squares are beyond the rank; a higher one keeps more.")

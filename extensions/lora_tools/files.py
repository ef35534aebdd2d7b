"""Finds the files of the tools and settles the names of their results; no torch."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.api import ModelRecord, NotFoundError, UserError, new_model_file, without_forbidden
from extensions.lora.api import find_file
from extensions.lora_tools.params import BakeRequest, ExtractRequest, WeightedLora

if TYPE_CHECKING:
    from app.api import Host

CHECKPOINTS, LORAS = "checkpoint", "lora"
FAMILIES = ("sd1", "sd2", "sdxl", "sdxl-refiner")
LONGEST = 150
SUFFIXES = (".safetensors", ".pt", ".ckpt")


@dataclass(frozen=True)
class Extraction:
    """The files of an extraction."""

    base: ModelRecord
    tuned: ModelRecord
    target: Path


@dataclass(frozen=True)
class Baking:
    """The files of a baking; a record for each LoRA of the request."""

    checkpoint: ModelRecord
    loras: tuple[ModelRecord, ...]
    target: Path


def prepare_extract(request: ExtractRequest, host: Host) -> Extraction:
    """The files; raises UserError and NotFoundError that name the field."""
    base, tuned = find_checkpoint(request.base, "base", host), find_checkpoint(request.tuned, "tuned", host)
    if base.path == tuned.path:
        raise UserError("Both models are the same file: there is no difference.", field="tuned")
    if _family(base) != _family(tuned):
        raise UserError(f"{base.name} is {_family(base)}, and {tuned.name} is {_family(tuned)}: no LoRA lies between them.", field="tuned")
    name = request.name.strip() or without_forbidden(f"{tuned.stem} - {base.stem} rank {request.rank}")[:LONGEST]
    return Extraction(base, tuned, new_model_file(host.models.folders[LORAS].roots, name))


def prepare_bake(request: BakeRequest, host: Host) -> Baking:
    """The files; raises UserError and NotFoundError that name the field."""
    checkpoint = find_checkpoint(request.checkpoint, "checkpoint", host)
    if not request.loras:
        raise UserError("Choose at least one LoRA.", field="loras")
    loras = tuple(_find_lora(lora, host) for lora in request.loras)
    name = request.name.strip() or default_name(checkpoint, request)
    return Baking(checkpoint, loras, new_model_file(host.models.folders[CHECKPOINTS].roots, name))


def default_name(checkpoint: ModelRecord, request: BakeRequest) -> str:
    """ "checkpoint + 0.8(lora)"."""
    added = "".join(f" + {lora.weight:g}({_bare(lora.name)})" for lora in request.loras)
    return without_forbidden(f"{checkpoint.stem}{added}")[:LONGEST].rstrip(". ")


def _bare(name: str) -> str:
    """A LoRA's name without folders and suffix."""
    path = Path(name)
    return path.stem if path.suffix.lower() in SUFFIXES else path.name


def _find_lora(lora: WeightedLora, host: Host) -> ModelRecord:
    try:
        return find_file(lora.name, host)
    except UserError as error:
        raise NotFoundError(error.what, field="loras") from error


def find_checkpoint(name: str, field: str, host: Host) -> ModelRecord:
    """A checkpoint whose layers are known; raises NotFoundError and UserError."""
    if not name:
        raise UserError("Choose a checkpoint.", field=field)
    record = host.models.find(CHECKPOINTS, name) if CHECKPOINTS in host.models.folders else None
    if record is None:
        raise NotFoundError(f"There is no checkpoint {name!r}.", field=field)
    if record.identity is None or record.identity.family not in FAMILIES:
        reason = record.problem or "it is no Stable Diffusion checkpoint"
        raise UserError(f"{record.name} cannot be used: {reason}", field=field)
    return record


def _family(record: ModelRecord) -> str:
    return record.identity.family if record.identity else ""

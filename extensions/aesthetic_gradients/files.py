"""Reads aesthetic embeddings, and finds the text projection that goes with a text encoder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from app.api import ModelFileError, ModelRecord, UserError, load_tensors, load_tree, read_header
from extensions.aesthetic_gradients.params import FOLDER

if TYPE_CHECKING:
    from app.api import Host

FIELD = "params.aesthetic_gradients.embedding"
HUGGING_FACE, OPENAI = "text_projection.weight", "text_projection"
"""Names of the projection: (features, width) to multiply from the left, or its transpose."""


@dataclass(frozen=True)
class Projection:
    """``matrix`` (features, width), float32; ``source`` is the file that it is from, "" for the checkpoint's own."""

    matrix: Tensor
    source: str = ""


def find_embedding(name: str, host: Host) -> ModelRecord:
    """The file of this name, with or without its folder and suffix; raises UserError."""
    records = host.models.records(FOLDER)
    found = next((record for record in records if name in (record.name, record.name.rpartition(".")[0], record.stem)), None)
    if found is None:
        raise UserError(
            f"There is no aesthetic embedding {name!r} in models/aesthetic_embeddings.",
            hint="Put the file there, or choose None.",
            field=FIELD,
        )
    return found


def read_embedding(record: ModelRecord) -> Tensor:
    """The direction (1, features) of an embedding, float32, of length 1; of several rows their mean. Raises ModelFileError."""
    tensors = list(_tensors(load_tree(Path(record.path))))
    if len(tensors) != 1 or tensors[0].ndim not in (1, 2) or not tensors[0].is_floating_point():
        raise ModelFileError(f"{record.name} is no aesthetic embedding: it must hold one vector.", field=FIELD)
    rows = tensors[0].float().reshape(-1, tensors[0].shape[-1])
    mean = torch.nn.functional.normalize(rows, dim=-1).mean(0, keepdim=True)
    length = mean.norm(dim=-1, keepdim=True)
    if not bool(torch.isfinite(length).all() and (length > 0).all()):
        raise ModelFileError(f"{record.name} is no aesthetic embedding: it has no direction.", field=FIELD)
    direction: Tensor = mean / length
    return direction


def find_projection(features: int, width: int, host: Host) -> Projection:
    """The first file of models/CLIP that holds a projection of this shape; raises UserError that says which file is needed."""
    for record in host.models.records("text-encoder"):
        name = _projection_name(record, features, width)
        if name is not None:
            tensor = load_tensors(Path(record.path), [name])[name].float()
            return Projection(tensor if name.endswith(HUGGING_FACE) else tensor.T.contiguous(), record.name)
    raise UserError(
        f"Aesthetic gradients need CLIP's text projection ({features} x {width} numbers), which this checkpoint does not hold.",
        hint="Put a file that holds text_projection.weight into models/CLIP, such as model.safetensors of openai/clip-vit-large-patch14.",
        field=FIELD,
    )


def _projection_name(record: ModelRecord, features: int, width: int) -> str | None:
    """The tensor's name in a file; None where there is none of this shape."""
    try:
        tensors = read_header(Path(record.path)).tensors
    except (ModelFileError, OSError):
        return None
    shapes = {HUGGING_FACE: (features, width), OPENAI: (width, features)}
    for name, tensor in tensors.items():
        for ending, shape in shapes.items():
            if (name == ending or name.endswith(f".{ending}")) and tuple(tensor.shape) == shape:
                return name
    return None


def _tensors(tree: object) -> Iterator[Tensor]:
    """The tensors of a file, however they are nested."""
    if isinstance(tree, Tensor):
        yield tree
    elif isinstance(tree, Mapping):
        for value in tree.values():
            yield from _tensors(value)
    elif isinstance(tree, list | tuple):
        for value in tree:
            yield from _tensors(value)

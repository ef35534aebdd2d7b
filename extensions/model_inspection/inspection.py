"""A model file as its header tells of it; no torch, and nothing of its weights is read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from app.api import Host, Json, ModelHeader, ModelRecord, NotFoundError, TensorInfo, Value, tensor_bytes

LONGEST_TEXT = 20_000
"""Letters of one note that are shown; some trainers write megabytes."""


class ListedTensor(Value):
    """One tensor; ``shape`` as in the file."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    size_bytes: int


class Group(Value):
    """Tensors that have something in common: a number format, or the beginning of their names."""

    name: str
    tensors: int
    parameters: int
    size_bytes: int


class Inspection(Value):
    """``tensors``: those from ``offset`` on of the ``found`` ones whose names have all words of the search; ``total``: of all.

    ``recognised``: what the installed extensions take the file for; ``problem``: why it cannot be used. ``metadata``: texts that are JSON
    are given as that; ``shortened``: keys of those that are too long to show.
    """

    name: str
    container: str
    size_bytes: int
    sha256: str | None
    autov3: str | None
    recognised: dict[str, Json]
    problem: str
    formats: tuple[Group, ...]
    parts: tuple[Group, ...]
    metadata: dict[str, Json]
    shortened: tuple[str, ...]
    total: int
    found: int
    offset: int
    tensors: tuple[ListedTensor, ...]


def find_record(folder_kind: str, model: str, host: Host) -> ModelRecord:
    """The file; raises NotFoundError."""
    if folder_kind not in host.models.folders:
        raise NotFoundError(f"There is no model folder of the kind {folder_kind!r}.", field="folder_kind")
    record = host.models.find(folder_kind, model)
    if record is None:
        raise NotFoundError(f"There is no model {model!r} in the folders of the kind {folder_kind!r}.", field="model")
    return host.models.with_known_hash(record)


def inspect(record: ModelRecord, header: ModelHeader, search: str, offset: int, limit: int) -> Inspection:
    """What is known of a file."""
    words = search.lower().split()
    names = [name for name in sorted(header.tensors) if all(word in name.lower() for word in words)]
    metadata, shortened = readable(header.metadata)
    return Inspection(
        name=record.name,
        container=header.container,
        size_bytes=record.size_bytes,
        sha256=record.sha256,
        autov3=record.autov3,
        recognised=record.identity.model_dump(mode="json") if record.identity else {},
        problem=record.problem,
        formats=_groups((info.dtype, info) for info in header.tensors.values()),
        parts=_groups((part_of(name), info) for name, info in header.tensors.items()),
        metadata=metadata,
        shortened=shortened,
        total=len(header.tensors),
        found=len(names),
        offset=offset,
        tensors=tuple(_listed(name, header.tensors[name]) for name in names[offset : offset + limit]),
    )


def part_of(name: str) -> str:
    """The beginning of a tensor's name: up to the first dot, or of kohya's names up to the part of the model."""
    first = name.partition(".")[0]
    if not first.startswith("lora_"):
        return first
    return "_".join(first.split("_")[:2])


def readable(metadata: Mapping[str, str]) -> tuple[dict[str, Json], tuple[str, ...]]:
    """Notes with JSON opened and long texts cut; the keys of those."""
    shown: dict[str, Json] = {}
    shortened = []
    for key, text in metadata.items():
        if len(text) > LONGEST_TEXT:
            shortened.append(key)
            shown[key] = text[:LONGEST_TEXT]
            continue
        shown[key] = _opened(text)
    return shown, tuple(shortened)


def _opened(text: str) -> Json:
    if text[:1] not in "{[":
        return text
    try:
        value: Json = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return value


def _groups(named: Iterable[tuple[str, TensorInfo]]) -> tuple[Group, ...]:
    """Counted, the largest first."""
    sums: dict[str, list[int]] = {}
    for name, info in named:
        parameters = 1
        for size in info.shape:
            parameters *= size
        entry = sums.setdefault(name, [0, 0, 0])
        for index, more in enumerate((1, parameters, tensor_bytes(info))):
            entry[index] += more
    found = [Group(name=name, tensors=entry[0], parameters=entry[1], size_bytes=entry[2]) for name, entry in sums.items()]
    return tuple(sorted(found, key=lambda group: (-group.size_bytes, group.name)))


def _listed(name: str, info: TensorInfo) -> ListedTensor:
    return ListedTensor(name=name, dtype=info.dtype, shape=info.shape, size_bytes=tensor_bytes(info))

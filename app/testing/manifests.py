"""Manifests of real-world model files for tests: names, shapes and metadata without weights, and what must be concluded from them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.testing.vectors import vectors_folder
from app.values.model import ModelHeader, TensorInfo

FOLDER = "headers"


@dataclass(frozen=True)
class Manifest:
    """One file kind: its header as the model index would read it, and ``expect``, the conclusion."""

    name: str
    header: ModelHeader
    expect: Mapping[str, Any]

    def is_open(self, field: str) -> bool:
        """True when the header alone cannot decide that field of the conclusion."""
        return field in self.expect.get("not_in_header", {})


def manifest_names() -> list[str]:
    """Names of all manifests of the vectors folder."""
    return sorted(path.name.removesuffix(".json.gz") for path in (vectors_folder() / FOLDER).glob("*.json.gz"))


def read_manifest(name: str) -> Manifest:
    """Read one manifest."""
    document = read_json(f"{name}.json.gz")
    nested = (document.get("pickle") or {}).get("nesting") == ["string_to_param"]
    dtypes = document.get("dtypes") or {}
    tensors = {
        f"string_to_param.{key}" if nested else key: TensorInfo(str(dtypes.get(key, document.get("dtype"))), tuple(shape))
        for key, shape in document["tensors"].items()
    }
    header = ModelHeader(Path(document["file_name"]), document["container"], 0, tensors, document.get("metadata") or {})
    return Manifest(document["name"], header, document["expect"])


def read_map(name: str) -> dict[str, Any]:
    """A key map or the table of architectures (``maps/<name>.json.gz``); empty when this folder has none."""
    return read_json(f"maps/{name}.json.gz")


def read_json(name: str) -> dict[str, Any]:
    """A compressed JSON file of the folder; empty when there is none."""
    path = vectors_folder() / FOLDER / name
    if not path.is_file():
        return {}
    document: dict[str, Any] = json.loads(gzip.decompress(path.read_bytes()))
    return document

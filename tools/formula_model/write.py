"""Writes the checkpoint: ``python -m tools.formula_model.write FILE`` (2.1 GB)."""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np

from tools.formula_model.layout import file_header
from tools.formula_model.weights import values

MANIFEST = Path(__file__).resolve().parents[2] / "tests" / "vectors" / "headers" / "checkpoint-sd15-pruned-fp16.json.gz"
SHA256 = "fd7ad23901b8f18dc82327fa357fb147398d675c8004f5900489185dea9a96df"
"""Of the whole file."""
POSITIONS = 77


def shapes(manifest: Path = MANIFEST) -> dict[str, list[int]]:
    """Names and shapes of the tensors, in the order of the file."""
    tensors: dict[str, list[int]] = json.loads(gzip.decompress(manifest.read_bytes()))["tensors"]
    return dict(sorted(tensors.items()))


def write_checkpoint(path: Path, manifest: Path = MANIFEST) -> str:
    """Write the file; returns its sha256."""
    digest = sha256()
    with path.open("wb") as file:
        for part in _parts(shapes(manifest)):
            file.write(part)
            digest.update(part)
    return digest.hexdigest()


def _parts(tensors: Mapping[str, Sequence[int]]) -> Iterator[bytes]:
    yield header(tensors)
    for name, shape in tensors.items():
        yield (np.arange(POSITIONS, dtype=np.int64) if _is_index(name) else values(name, shape)).tobytes()


def header(tensors: Mapping[str, Sequence[int]]) -> bytes:
    """The beginning of a safetensors file with these tensors."""
    return file_header({name: ("I64" if _is_index(name) else "F16", shape) for name, shape in tensors.items()}, {"format": "pt"})


def _is_index(name: str) -> bool:
    return name.endswith("position_ids")


def main() -> None:
    """Write the file that the command line names."""
    digest = write_checkpoint(Path(sys.argv[1]))
    sys.stdout.write(f"{digest} {'as it should be' if digest == SHA256 else f'WRONG, it should be {SHA256}'}\n")


if __name__ == "__main__":
    main()

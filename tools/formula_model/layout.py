"""The beginning of a safetensors file, byte for byte as it was recorded."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping, Sequence

HEADER_STEP = 8
WIDTHS = {"F16": 2, "F32": 4, "I64": 8}
"""Bytes of a number, by number format."""


def file_header(tensors: Mapping[str, tuple[str, Sequence[int]]], metadata: Mapping[str, str]) -> bytes:
    """Length and JSON of a file with these tensors: number format and shape by name."""
    entries: dict[str, object] = {"__metadata__": dict(metadata)} if metadata else {}
    position = 0
    for name, (dtype, shape) in tensors.items():
        size = math.prod(shape) * WIDTHS[dtype]
        entries[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [position, position + size]}
        position += size
    raw = json.dumps(entries, separators=(",", ":")).encode()
    raw += b" " * (-len(raw) % HEADER_STEP)
    return struct.pack("<Q", len(raw)) + raw

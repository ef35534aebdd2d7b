"""Writes small hypernetwork files, for tests and tools."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor


def write_hypernetwork(path: Path, widths: Iterable[int], *, size: float = 0.5, fields: Mapping[str, Any] | None = None) -> Path:
    """Random networks of the structure 1, 2, 1 without activation in A1111's layout; each adds about ``size`` of a unit input."""
    generator = torch.Generator().manual_seed(len(path.stem))
    saved: dict[Any, Any] = {width: (_state(width, size, generator), _state(width, size, generator)) for width in widths}
    saved |= {"step": 1, "name": path.stem, "layer_structure": [1, 2, 1], "activation_func": "linear", **(fields or {})}
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(saved, path)
    return path


def _state(width: int, size: float, generator: torch.Generator) -> dict[str, Tensor]:
    first = torch.randn((2 * width, width), generator=generator) / width**0.5
    second = torch.randn((width, 2 * width), generator=generator) * (size / (2 * width) ** 0.5)
    return {
        "linear.0.weight": first,
        "linear.0.bias": torch.zeros(2 * width),
        "linear.1.weight": second,
        "linear.1.bias": torch.zeros(width),
    }

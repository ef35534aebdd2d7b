"""Reads a loaded checkpoint's own weights again: as they are in the file, for layers that were changed or will be."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path

from torch import Tensor

from app.api import LayerWeights, ModelFileError, UserError

States = Mapping[str, Callable[[], Mapping[str, Tensor]]]
"""By part of the model ("unet"): reads its state, named as the part's module names it; views of the mapped file cost nothing."""


class Originals:
    """The weights of the file at ``path``, which must stay what it was when this was made."""

    def __init__(self, path: Path, states: States) -> None:
        self._path = path
        self._stamp = _stamp(path)
        self._states = {part: cache(read) for part, read in states.items()}

    def layers(self, names: Sequence[str]) -> dict[str, LayerWeights]:
        """The weights of layers ("unet.conv_in"); raises ModelFileError when the file has changed, UserError for unknown layers."""
        if _stamp(self._path) != self._stamp:
            raise ModelFileError(
                f"{self._path.name} has changed since it was loaded, so its own weights cannot be read again.",
                hint="Load the checkpoint again.",
                field="checkpoint",
            )
        return {name: self._layer(name) for name in names}

    def _layer(self, name: str) -> LayerWeights:
        part, _, path = name.partition(".")
        state = self._states[part]() if part in self._states else {}
        weight = state.get(f"{path}.weight")
        if weight is None:
            raise UserError(f"This checkpoint has no layer {name!r}.")
        return LayerWeights(weight, state.get(f"{path}.bias"))


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_size, stat.st_mtime_ns

"""Reads and changes the weights of a checkpoint's layers where they lie in the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.api import ModelFileError, ModelRecord, TensorReader, scaled_tensor
from extensions.stable_diffusion.api import CheckpointLayers, read_layers

if TYPE_CHECKING:
    from torch import Tensor


class LayerReader:
    """The layers of an open checkpoint; the tensor of the file that was read last is kept, since several layers can lie in one."""

    def __init__(self, reader: TensorReader, layers: CheckpointLayers) -> None:
        self.layers = layers
        self._reader = reader
        self._last: tuple[str, Tensor] | None = None

    def has(self, name: str) -> bool:
        """Whether the file has the tensor "unet.conv_in.weight"."""
        return name in self.layers.places

    def read(self, name: str) -> Tensor:
        """That tensor, in the file's number format; a view that must not be changed."""
        place = self.layers.places[name]
        if self._last is None or self._last[0] != place.key:
            self._last = place.key, self._reader.read(place.key).contiguous()
        return place.of(self._last[1])


def layers_of(record: ModelRecord, reader: TensorReader) -> CheckpointLayers:
    """The layers of a checkpoint; raises ModelFileError that names the file."""
    assert record.identity is not None
    scaled = scaled_tensor(reader.header.tensors)
    if scaled:
        raise ModelFileError(f"{record.name} has 8-bit weights with scales ({scaled}), which this tool does not work on.")
    try:
        return read_layers(reader.header, record.identity)
    except ModelFileError as error:
        raise ModelFileError(f"{record.name}: {error.what}.", hint=error.hint) from error

"""Reads a model file tensor by tensor into memory of their own, so that work on several large files needs little of it."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from io import BufferedReader
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from app.errors import ModelFileError
from app.values.model import ModelHeader, TensorInfo
from app.weights.headers import read_header, told_container
from app.weights.number_formats import TORCH_NAMES, torch_dtype
from app.weights.pickled_tensors import TensorMaker
from app.weights.pickles.reading import flatten_file, read_pickle

if TYPE_CHECKING:
    from torch import Tensor

LENGTH_BYTES = 8


class TensorReader(Protocol):
    """An open model file; a mapped one would count as memory in use, page by page, until it is closed."""

    @property
    def header(self) -> ModelHeader:
        """Names, shapes and metadata, as ``read_header`` gives them."""
        ...

    @property
    def left_out(self) -> tuple[str, ...]:
        """Branches of a pickle whose tensors are no part of the model."""
        ...

    def read(self, name: str) -> Tensor:
        """One tensor on the CPU, in the file's own number format; nothing of it is kept here. Raises ModelFileError."""
        ...


@contextmanager
def open_tensors(path: Path) -> Iterator[TensorReader]:
    """Open a safetensors file or a pickle for reading tensor by tensor; raises ModelFileError for damaged, refused and other files."""
    with ExitStack() as stack:
        yield _open(path, stack)


def _open(path: Path, stack: ExitStack) -> TensorReader:
    try:
        container = told_container(path)
        if container == "pickle":
            return _PickleReader(path)
        if container == "safetensors":
            return _SafetensorsReader(stack.enter_context(path.open("rb")), read_header(path))
    except OSError as error:
        raise ModelFileError(f"{path.name}: cannot be read ({error.strerror or error}).") from error
    raise ModelFileError(f"{path.name}: only .safetensors files and pickles (.ckpt, .pt, .pth, .bin) can be read.")


class _SafetensorsReader:
    left_out: tuple[str, ...] = ()

    def __init__(self, file: BufferedReader, header: ModelHeader) -> None:
        self.header = header
        self._file = file
        (length,) = struct.unpack("<Q", file.read(LENGTH_BYTES))
        document = json.loads(file.read(length))
        self._start = LENGTH_BYTES + length
        self._places: Mapping[str, tuple[int, int]] = {name: tuple(document[name]["data_offsets"]) for name in header.tensors}

    def read(self, name: str) -> Tensor:
        """The bytes of the tensor, read where they lie."""
        import torch

        info = _known(self.header, name)
        begin, end = self._places[name]
        file_name = self.header.path.name
        if info.dtype not in TORCH_NAMES:
            raise ModelFileError(f"{file_name}: tensor {name!r} has the format {info.dtype}, which torch cannot work on.")
        raw = torch.empty(end - begin, dtype=torch.uint8)
        try:
            self._file.seek(self._start + begin)
            count = self._file.readinto(raw.numpy().data)
        except OSError as error:
            raise ModelFileError(f"{file_name}: cannot be read ({error.strerror or error}).") from error
        if count != end - begin:
            raise ModelFileError(f"{file_name}: has become shorter while it was read.")
        return raw.view(torch_dtype(info.dtype)).reshape(info.shape)


class _PickleReader:
    def __init__(self, path: Path) -> None:
        found = read_pickle(path)
        flat = flatten_file(found, path.name)
        self._entries = flat.tensors
        tensors = {name: TensorInfo(entry.dtype, tuple(entry.shape)) for name, entry in flat.tensors.items()}
        self.left_out = flat.left_out
        self.header = ModelHeader(path, "pickle", path.stat().st_size, tensors, flat.metadata)
        self._maker = TensorMaker(path, found, mapped=False)

    def read(self, name: str) -> Tensor:
        """The tensor; what was unpacked for it is let go."""
        _known(self.header, name)
        tensor = self._maker.make(self._entries[name])
        self._maker.forget()
        return tensor


def _known(header: ModelHeader, name: str) -> TensorInfo:
    info = header.tensors.get(name)
    if info is None:
        raise ModelFileError(f"{header.path.name}: has no tensor {name!r}.")
    return info

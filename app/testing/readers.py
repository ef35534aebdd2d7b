"""The readers of files from outside, as functions of bytes, with files to damage for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from app.generation.images.reading import open_image
from app.generation.infotext.parse import parse
from app.testing.vectors import vectors_folder
from app.weights.headers import read_safetensors_header
from app.weights.pickles.reading import flatten_file, read_pickle_file

LARGEST_SEED_BYTES = 20_000


@dataclass(frozen=True)
class Reader:
    """``read`` takes any bytes and raises nothing but UserError; ``folders`` of the recorded files hold examples."""

    read: Callable[[bytes], object]
    folders: tuple[str, ...]

    def seeds(self) -> list[bytes]:
        """Small files, in a fixed order."""
        return [path.read_bytes() for folder in self.folders for path in _files(vectors_folder() / folder)]


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.stat().st_size <= LARGEST_SEED_BYTES:
            yield path


def _pickle(raw: bytes) -> object:
    return flatten_file(read_pickle_file(BytesIO(raw), "x.pt"), "x.pt")


def _tensors(raw: bytes) -> object:
    """Also the numbers themselves, by way of a file."""
    from app.weights.tensors import load_tensors

    with TemporaryDirectory() as folder:
        path = Path(folder) / "x.pt"
        path.write_bytes(raw)
        return [tensor.clone() for tensor in load_tensors(path).values()]


def _safetensors(raw: bytes) -> object:
    return read_safetensors_header(BytesIO(raw), Path("x.safetensors"))


def _image(raw: bytes) -> object:
    return [parse(text) for text in open_image(raw, "x.png").chunks.values()]


_PICKLES = ("files/pickle", "files/aesthetic", "files/ti")
READERS: Mapping[str, Reader] = {
    "pickle": Reader(_pickle, _PICKLES),
    "tensors": Reader(_tensors, _PICKLES),
    "safetensors": Reader(_safetensors, ("files/safetensors", "files/lora")),
    "image": Reader(_image, ("files/images",)),
}

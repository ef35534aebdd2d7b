"""A tiny checkpoint of each family, and the way to load one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from app.api import LoadOptions, ModelRecord, read_header
from extensions.stable_diffusion.family import make_families
from extensions.stable_diffusion.identify import identify
from extensions.stable_diffusion.model import StableDiffusionModel
from extensions.stable_diffusion.testing import TinyCheckpoint, write_checkpoint

Load = Callable[..., StableDiffusionModel]


@pytest.fixture(scope="session")
def families():
    return {family.id: family for family in make_families()}


@pytest.fixture(scope="session")
def load(families) -> Load:
    """Load a file as a worker does: from its header alone, with the given load options."""

    def load_file(path: Path, **options) -> StableDiffusionModel:
        header = read_header(path)
        identity = identify(header)
        stat = path.stat()
        record = ModelRecord(
            path=str(path),
            folder_kind="checkpoint",
            name=path.name,
            size_bytes=stat.st_size,
            mtime_ns=stat.st_mtime_ns,
            identity=identity,
        )
        return families[identity.family if identity else "sd1"].load(record, header, LoadOptions(device="cpu", **options))

    return load_file


@pytest.fixture(scope="session")
def tiny_files(tmp_path_factory) -> dict[str, Path]:
    """One checkpoint of each family."""
    folder = tmp_path_factory.mktemp("tiny")
    return {
        family: write_checkpoint(folder / f"{family}.safetensors", TinyCheckpoint(family=family))
        for family in ("sd1", "sd2", "sdxl", "sdxl-refiner")
    }


@pytest.fixture(scope="session")
def models(load, tiny_files) -> dict[str, StableDiffusionModel]:
    """The tiny checkpoints, loaded once: tests must leave them as they are."""
    return {family: load(path) for family, path in tiny_files.items()}

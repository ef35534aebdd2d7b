"""Loaded models are kept, evicted by age, never while in use, and a failed load leaves the old one."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from app.contracts import LoadOptions
from app.errors import ModelFileError, NotFoundError
from app.weights.cache import CacheLimits, ModelCache

OPTIONS = LoadOptions(device="cpu")


class Loader:
    def __init__(self) -> None:
        self.loads: list[str] = []

    def __call__(self, path: str, options: LoadOptions) -> SimpleNamespace:
        if "bad" in path:
            raise ModelFileError("bad.safetensors: truncated")
        self.loads.append(Path(path).stem)
        return SimpleNamespace(memory_bytes=100, name=Path(path).stem)


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    paths = {}
    for name in ("a", "b", "c", "bad"):
        (tmp_path / f"{name}.safetensors").write_bytes(b"x")
        paths[name] = str(tmp_path / f"{name}.safetensors")
    return paths


def make(models: int, memory: int = 10_000) -> tuple[ModelCache, Loader]:
    loader = Loader()
    return ModelCache(loader, lambda: CacheLimits(models, memory)), loader


def use(cache: ModelCache, path: str) -> None:
    with cache.pin(path, OPTIONS):
        pass


def test_switching_back_to_a_kept_model_does_not_load(files: dict[str, str]) -> None:
    cache, loader = make(2)
    for name in ("a", "b", "a", "b", "a"):
        use(cache, files[name])
    assert loader.loads == ["a", "b"]


def test_the_longest_unused_goes_first(files: dict[str, str]) -> None:
    cache, loader = make(2)
    for name in ("a", "b", "a", "c", "a", "b"):
        use(cache, files[name])
    assert loader.loads == ["a", "b", "c", "b"]


def test_memory_limit(files: dict[str, str]) -> None:
    cache, _ = make(10, memory=150)
    use(cache, files["a"])
    use(cache, files["b"])
    assert cache.paths == (files["b"],)


def test_a_model_in_use_is_never_dropped(files: dict[str, str]) -> None:
    cache, _ = make(1)
    with cache.pin(files["a"], OPTIONS):
        use(cache, files["b"])
        assert files["a"] in cache.paths
    use(cache, files["b"])
    assert cache.paths == (files["b"],)


def test_a_failed_load_leaves_the_old_model(files: dict[str, str]) -> None:
    cache, loader = make(1)
    use(cache, files["a"])
    with pytest.raises(ModelFileError), cache.pin(files["bad"], OPTIONS):
        pass
    use(cache, files["a"])
    assert loader.loads == ["a"]


def test_a_changed_file_is_loaded_again(files: dict[str, str]) -> None:
    cache, loader = make(2)
    use(cache, files["a"])
    Path(files["a"]).write_bytes(b"other")
    use(cache, files["a"])
    assert loader.loads == ["a", "a"]


def test_a_deleted_file_is_named(files: dict[str, str]) -> None:
    cache, _ = make(1)
    Path(files["a"]).unlink()
    with pytest.raises(NotFoundError, match=r"a\.safetensors"), cache.pin(files["a"], OPTIONS):
        pass

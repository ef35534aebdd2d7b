"""Loaded models are kept, evicted by age, never while in use, and a failed load leaves the old one."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from app.contracts import LoadOptions
from app.errors import ModelFileError, NotFoundError
from app.weights.cache import WORKING_BYTES, CacheLimits, ModelCache
from app.weights.offloading import TOLD

OPTIONS = LoadOptions(device="cpu")


class Loader:
    def __init__(self) -> None:
        self.loads: list[str] = []

    def __call__(self, path: str, options: LoadOptions) -> SimpleNamespace:
        if "bad" in path:
            raise ModelFileError("bad.safetensors: truncated")
        self.loads.append(Path(path).stem)
        return SimpleNamespace(memory_bytes=100, name=Path(path).stem, offload=options.offload)


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


class Memory:
    """A device whose free memory shrinks with what the loader has put on it."""

    def __init__(self, free: int, per_model: int) -> None:
        self.free = free
        self.per_model = per_model
        self.cache: ModelCache | None = None

    def free_bytes(self, device: str) -> int | None:
        assert self.cache is not None
        return self.free - self.per_model * len(self.cache.paths) if device == "cuda" else None

    def is_exhausted(self, error: BaseException) -> bool:
        return "out of memory" in str(error)


def on_device(load, free: int, per_model: int) -> ModelCache:
    memory = Memory(free, per_model)
    memory.cache = ModelCache(load, lambda: CacheLimits(10, 10_000), memory)
    return memory.cache


@pytest.mark.parametrize(("device", "left"), [("cuda", ["b", "c"]), ("cpu", ["a", "b", "c"])])
def test_a_device_without_room_is_emptied_of_the_longest_unused_first(files: dict[str, str], device: str, left: list[str]) -> None:
    cache = on_device(Loader(), free=3 * WORKING_BYTES, per_model=WORKING_BYTES)
    for name in ("a", "b", "c"):
        with cache.pin(files[name], LoadOptions(device=device)):
            pass
    assert cache.paths == tuple(files[name] for name in left)


def test_a_load_that_runs_out_of_memory_is_tried_again_alone(files: dict[str, str]) -> None:
    loader = Loader()

    def load(path: str, options: LoadOptions) -> SimpleNamespace:
        if cache.paths:
            raise RuntimeError("CUDA out of memory")
        return loader(path, options)

    cache = on_device(load, free=10 * WORKING_BYTES, per_model=0)
    use(cache, files["a"])
    use(cache, files["b"])
    assert (cache.paths, loader.loads) == ((files["b"],), ["a", "b"])
    with cache.pin(files["b"], OPTIONS), pytest.raises(RuntimeError, match="out of memory"):
        use(cache, files["c"])


def test_other_errors_of_a_load_drop_nothing(files: dict[str, str]) -> None:
    loader = Loader()

    def load(path: str, options: LoadOptions) -> SimpleNamespace:
        if path == files["b"]:
            raise RuntimeError("size mismatch")
        return loader(path, options)

    cache = on_device(load, free=10 * WORKING_BYTES, per_model=0)
    use(cache, files["a"])
    with pytest.raises(RuntimeError, match="mismatch"):
        use(cache, files["b"])
    assert cache.paths == (files["a"],)


@pytest.mark.parametrize("enough", ["", "parts", "layers"])
def test_a_model_too_large_for_its_device_is_loaded_with_less_and_less_of_it_there(files: dict[str, str], enough: str) -> None:
    loader, tried, told = Loader(), [], []

    def load(path: str, options: LoadOptions) -> SimpleNamespace:
        tried.append(options.offload)
        if options.offload != enough:
            raise RuntimeError("CUDA out of memory")
        return loader(path, options)

    cache = on_device(load, free=10 * WORKING_BYTES, per_model=0)
    for _ in range(2):
        with cache.pin(files["a"], LoadOptions(device="cuda", comment=told.append)) as model:
            assert model.offload == enough
    assert tried == ["", "parts", "layers"][: ["", "parts", "layers"].index(enough) + 1]
    assert told == ([TOLD[enough]] * 2 if enough else []), "each job that uses it is told"


def test_a_model_that_never_fits_raises_the_devices_error(files: dict[str, str]) -> None:
    tried = []

    def load(path: str, options: LoadOptions) -> SimpleNamespace:
        tried.append(options.offload)
        raise RuntimeError("CUDA out of memory")

    cache = on_device(load, free=10 * WORKING_BYTES, per_model=0)
    for device in ("cuda", "cpu"):
        with pytest.raises(RuntimeError, match="out of memory"), cache.pin(files["a"], LoadOptions(device=device)):
            pass
    assert tried == ["", "parts", "layers", ""], "a processor has no other memory"


def test_what_was_asked_for_is_not_told(files: dict[str, str]) -> None:
    told: list[str] = []
    cache, _ = make(1)
    with cache.pin(files["a"], LoadOptions(device="cuda", offload="parts", comment=told.append)) as model:
        model.offload = "layers"
    assert told == []
    with cache.pin(files["a"], LoadOptions(device="cuda", offload="parts", comment=told.append)):
        assert told == [TOLD["layers"]], "it became more while it was used"

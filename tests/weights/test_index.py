"""The model index follows the disk, says what is wrong with a file, and finds models by every name people use."""

import json
import os
import struct
import threading
from dataclasses import replace
from pathlib import Path

import pytest

import app.weights.looks as looks_module
from app.errors import UserError
from app.hooks import ExtensionError, Failure
from app.values.model import ModelFolder, ModelHeader, ModelIdentity, ModelRecord
from app.weights.folders import read_extra_model_paths, resolve_folders
from app.weights.hasher import BackgroundHasher, hash_now
from app.weights.hashing import hash_file
from app.weights.header_reader import NotReadError
from app.weights.index import ModelIndex
from app.weights.names import natural_key
from app.weights.store import ModelStore

FOLDER = ModelFolder("checkpoint", "Checkpoints", "Stable-diffusion", (".safetensors",), flag="ckpt-dir", comfy_names=("checkpoints",))


def identify(header: ModelHeader) -> ModelIdentity | None:
    if "known" in header.tensors:
        return ModelIdentity(kind="checkpoint", family="test")
    if "other" in header.tensors:
        return ModelIdentity(kind="checkpoint", family="odd", supported=False, reason="Odd checkpoint: nothing loads it.")
    return None


def write(path: Path, tensor: str = "known", count: int = 4) -> Path:
    raw = json.dumps({tensor: {"dtype": "F32", "shape": [count], "data_offsets": [0, 4 * count]}}).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(struct.pack("<Q", len(raw)) + raw + bytes(4 * count))
    return path


@pytest.fixture
def models(tmp_path: Path) -> Path:
    return tmp_path / "models" / "Stable-diffusion"


def open_index(tmp_path: Path, readers: str = "v1") -> ModelIndex:
    places = resolve_folders([FOLDER], tmp_path, tmp_path / "models", {}, {})
    return ModelIndex(places, identify, ModelStore(tmp_path / "cache" / "models.sqlite3"), readers)


@pytest.fixture
def index(tmp_path: Path):
    opened = open_index(tmp_path)
    yield opened
    opened.close()


class Unlucky:
    """A reader whose process is killed."""

    def read(self, path: Path) -> ModelHeader:
        raise NotReadError(f"{path.name}: cannot be used: the process that read it ended.")

    def close(self) -> None: ...


def test_a_reader_that_died_is_a_problem_of_the_file_and_asked_again_at_the_next_start(tmp_path: Path, models: Path) -> None:
    write(models / "a.safetensors")
    places = resolve_folders([FOLDER], tmp_path, tmp_path / "models", {}, {})
    first = ModelIndex(places, identify, ModelStore(tmp_path / "cache" / "models.sqlite3"), "v1", Unlucky())
    (record,) = first.records("checkpoint")
    assert "the process that read it ended" in record.problem and not record.usable
    first.close()
    second = open_index(tmp_path)
    assert second.records("checkpoint")[0].usable
    second.close()


def test_what_was_not_concluded_is_tried_again_at_the_next_start(tmp_path: Path, models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(models / "a.safetensors")

    def failing(header: ModelHeader) -> ModelIdentity | None:
        raise ExtensionError(Failure("clumsy", "identify_model", "KeyError: 'x'", ""))

    real = globals()["identify"]
    monkeypatch.setitem(globals(), "identify", failing)
    first = open_index(tmp_path)
    record = first.find("checkpoint", "a")
    assert record is not None and "a.safetensors: " in record.problem and "'clumsy'" in record.problem
    first.close()
    monkeypatch.setitem(globals(), "identify", real)
    second = open_index(tmp_path)
    again = second.find("checkpoint", "a")
    assert again is not None and again.problem == "" and again.identity is not None
    second.close()


def names(index: ModelIndex) -> list[str]:
    index.refresh()
    return [record.name for record in index.records("checkpoint")]


def test_new_changed_and_deleted_files_are_noticed(index: ModelIndex, models: Path) -> None:
    assert names(index) == []
    first = write(models / "a.safetensors")
    write(models / "sub" / "b.safetensors")
    assert names(index) == ["a.safetensors", "sub/b.safetensors"]
    before = index.find("checkpoint", "a")
    write(first, "other", 8)
    index.refresh()
    after = index.find("checkpoint", "a")
    assert before is not None and after is not None
    assert before.problem == "" and after.problem == "a.safetensors: Odd checkpoint: nothing loads it."
    first.unlink()
    assert names(index) == ["sub/b.safetensors"]


def test_files_that_cannot_be_used_are_listed_with_the_reason(index: ModelIndex, models: Path) -> None:
    write(models / "strange.safetensors", "nobody")
    cut = write(models / "cut.safetensors")
    cut.write_bytes(cut.read_bytes()[:-3])
    by_name = {record.stem: record for record in index.records("checkpoint")}
    assert "no installed extension" in by_name["strange"].problem
    assert "truncated: expected" in by_name["cut"].problem


def test_order_is_natural() -> None:
    assert sorted(["v10", "V2", "a", "v1-b"], key=natural_key) == ["a", "v1-b", "V2", "v10"]


def test_found_by_every_name(index: ModelIndex, models: Path) -> None:
    path = write(models / "sub" / "Night.safetensors")
    record = index.find("checkpoint", "sub/Night.safetensors")
    assert record is not None
    hashed = hash_now(index, record)
    assert hashed.sha256 is not None
    hashes = (hashed.title, hashed.sha256, hashed.sha256[:10], "Night.safetensors [0123456789]")
    for name in ("Night", "night", "sub/Night", str(path), *hashes):
        found = index.find("checkpoint", name)
        assert found is not None and found.path == str(path), name
    assert index.find("checkpoint", "Nigh") is None


def test_hashes_survive_a_restart_and_end_with_the_file(tmp_path: Path, models: Path) -> None:
    path = write(models / "a.safetensors")
    first = open_index(tmp_path)
    hash_now(first, first.records("checkpoint")[0])
    first.close()
    second = open_index(tmp_path)
    record = second.records("checkpoint")[0]
    assert record.sha256 == hash_file(path)[0] and record.title == f"a.safetensors [{record.sha256[:10]}]"
    os.utime(path, ns=(1, 1))
    second.refresh()
    assert second.records("checkpoint")[0].sha256 is None
    second.close()


def test_another_set_of_extensions_reads_again(tmp_path: Path, models: Path) -> None:
    write(models / "a.safetensors", "other")
    first = open_index(tmp_path, "v1")
    assert first.records("checkpoint")[0].problem
    first.close()
    places = resolve_folders([FOLDER], tmp_path, tmp_path / "models", {}, {})
    store = ModelStore(tmp_path / "cache" / "models.sqlite3")
    second = ModelIndex(places, lambda header: ModelIdentity(kind="checkpoint", family="new"), store, "v2")
    assert second.records("checkpoint")[0].problem == ""
    second.close()


def test_facts_belong_to_one_state_of_a_file(index: ModelIndex, models: Path) -> None:
    path = write(models / "a.safetensors")
    index.put_fact(index.records("checkpoint")[0], "prediction_type", "v")
    assert index.fact(index.records("checkpoint")[0], "prediction_type") == "v"
    os.utime(path, ns=(5, 5))
    index.refresh()
    assert index.fact(index.records("checkpoint")[0], "prediction_type") is None


def test_background_hasher_hashes_everything(index: ModelIndex, models: Path) -> None:
    for name in ("a", "b", "c"):
        write(models / f"{name}.safetensors")
    done = threading.Event()
    seen: list[ModelRecord] = []

    def hashed(record: ModelRecord) -> None:
        seen.append(record)
        if len(seen) == 3:
            done.set()

    hasher = BackgroundHasher(index, lambda: ["checkpoint"], hashed)
    hasher.start()
    assert done.wait(20)
    hasher.close()
    assert all(record.sha256 for record in index.records("checkpoint"))


def test_damaged_cache_is_begun_anew(tmp_path: Path, models: Path) -> None:
    write(models / "a.safetensors")
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "models.sqlite3").write_bytes(b"not a database, " * 100)
    index = open_index(tmp_path)
    assert names(index) == ["a.safetensors"]
    index.close()


def test_link_loops_end(index: ModelIndex, models: Path) -> None:
    write(models / "a.safetensors")
    try:
        (models / "loop").symlink_to(models, target_is_directory=True)
    except OSError:
        pytest.skip("this system makes no links")
    assert names(index) == ["a.safetensors"]


def test_flag_folders_come_first_and_comfyui_paths_are_added(tmp_path: Path) -> None:
    (tmp_path / "extra_model_paths.yaml").write_text("comfyui:\n  base_path: comfy\n  checkpoints: |\n    one\n    two\n  loras: l\n")
    extra = read_extra_model_paths(tmp_path / "extra_model_paths.yaml")
    places = resolve_folders([FOLDER], tmp_path, tmp_path / "models", {"ckpt-dir": [tmp_path / "mine"]}, extra)
    assert places["checkpoint"].roots == (
        tmp_path / "mine",
        tmp_path / "models" / "Stable-diffusion",
        tmp_path / "comfy" / "one",
        tmp_path / "comfy" / "two",
    )


@pytest.mark.parametrize("text", ["- a\n- b", "comfyui: 5", "a: [", "\x00"])
def test_bad_extra_model_paths_are_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "extra_model_paths.yaml").write_text(text)
    with pytest.raises(UserError, match=r"extra_model_paths\.yaml"):
        read_extra_model_paths(tmp_path / "extra_model_paths.yaml")


def test_what_another_process_has_hashed_is_not_hashed_again(tmp_path: Path, models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(models / "a.safetensors")
    web, worker = open_index(tmp_path), open_index(tmp_path)
    record = worker.find("checkpoint", "a")
    assert record is not None and record.sha256 is None
    hashed = hash_now(web, web.records("checkpoint")[0])
    monkeypatch.setattr("app.weights.hasher.hash_file", lambda path: pytest.fail("it is read again"))
    assert hash_now(worker, record).sha256 == hashed.sha256
    assert worker.find("checkpoint", "a") == hashed
    web.close()
    worker.close()


def test_files_whose_header_waits_are_listed_as_usable(index: ModelIndex, models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5000):
        write(models / f"m{number}.safetensors", "known" if number % 100 else "other", 1)
    monkeypatch.setattr("app.weights.index.READ_BUDGET_S", 0.0)
    listed = index.records("checkpoint")
    assert [record.name for record in listed] == [f"m{number}.safetensors" for number in range(5000)]
    waiting = next(record for record in listed if record.pending)
    assert waiting.usable and waiting.identity is None
    found = index.find("checkpoint", "m4900")
    assert found is not None and not found.pending and not found.usable


def test_a_known_file_is_found_without_a_walk(index: ModelIndex, models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(models / "a.safetensors")
    record = hash_now(index, index.records("checkpoint")[0])
    monkeypatch.setattr("app.weights.looks.RESCAN_AFTER_S", 0.0)
    walks: list[Path] = []
    real = looks_module.scan_folder

    def walk(root: Path, suffixes: tuple[str, ...]):
        walks.append(root)
        return real(root, suffixes)

    monkeypatch.setattr("app.weights.looks.scan_folder", walk)
    for name in ("a", "a.safetensors", str(path), record.title, str(record.sha256)):
        assert index.find("checkpoint", name) == record
    assert walks == []
    write(models / "b.safetensors")
    assert index.find("checkpoint", "b") is not None and len(walks) == 1
    os.utime(path, ns=(7, 7))
    changed = index.find("checkpoint", "a")
    assert changed is not None and changed.mtime_ns == 7 and changed.sha256 is None
    path.unlink()
    assert index.find("checkpoint", "a") is None


def test_a_walk_does_not_hold_up_those_who_know_the_file(index: ModelIndex, models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(models / "a.safetensors")
    index.records("checkpoint")
    monkeypatch.setattr("app.weights.looks.RESCAN_AFTER_S", 0.0)
    begun, go_on = threading.Event(), threading.Event()

    def slow(root: Path, suffixes: tuple[str, ...]):
        begun.set()
        assert go_on.wait(20)
        return iter(())

    monkeypatch.setattr("app.weights.looks.scan_folder", slow)
    walker = threading.Thread(target=lambda: index.records("checkpoint"))
    walker.start()
    assert begun.wait(20)
    assert index.find("checkpoint", "a") is not None
    go_on.set()
    walker.join()


def test_what_loading_taught_completes_an_open_identity(tmp_path: Path, models: Path) -> None:
    write(models / "a.safetensors")
    index = open_index(tmp_path)
    record = index.records("checkpoint")[0]
    index.put_fact(record, "prediction_type", "v")
    index.put_fact(record, "native_size_px", 768)
    found = index.find("checkpoint", "a")
    assert found is not None and found.identity is not None
    assert (found.identity.prediction_type, found.identity.native_size_px) == ("v", 768)
    index.close()


def test_the_user_has_the_last_word_about_what_a_file_predicts(tmp_path: Path, models: Path) -> None:
    write(models / "a.safetensors")
    index, other = open_index(tmp_path), open_index(tmp_path)
    record = index.records("checkpoint")[0]
    assert record.identity is not None and index.chosen(record) == {} and other.find("checkpoint", "a") == record
    index.put_fact(record, "prediction_type", "epsilon")
    index.choose(record, {"prediction_type": "v", "zero_terminal_snr": True})
    for seen in (index, other):
        found = seen.find("checkpoint", "a")
        assert found is not None and found.identity is not None
        assert (found.identity.prediction_type, found.identity.zero_terminal_snr) == ("v", True)
    said = index.found(record)
    assert said is not None and (said.prediction_type, said.zero_terminal_snr) == ("epsilon", False), "without what was chosen"
    index.choose(record, {"prediction_type": None, "zero_terminal_snr": None})
    found = other.find("checkpoint", "a")
    assert found is not None and found.identity is not None and other.chosen(record) == {}
    assert (found.identity.prediction_type, found.identity.zero_terminal_snr) == ("epsilon", False)
    index.close()
    other.close()


def test_endings_of_another_kind_are_left_out(tmp_path: Path, models: Path):
    for name in ("a.safetensors", "a.vae.safetensors", "b.VAE.safetensors"):
        write(models / name)
    folder = replace(FOLDER, without=(".vae.safetensors",))
    places = resolve_folders([folder], tmp_path, tmp_path / "models", {}, {})
    opened = ModelIndex(places, identify, ModelStore(tmp_path / "cache" / "models.sqlite3"), "v1")
    try:
        assert [record.name for record in opened.records("checkpoint")] == ["a.safetensors"]
        assert opened.find("checkpoint", "a.vae") is None
    finally:
        opened.close()


def test_what_is_known_of_a_file_goes_along_when_it_is_renamed(tmp_path, models):
    old, new = write(models / "a.safetensors"), models / "sub" / "b.safetensors"
    index = open_index(tmp_path)
    record = hash_now(index, index.find("checkpoint", "a"))
    index.choose(record, {"prediction_type": "v"})
    new.parent.mkdir()
    old.rename(new)
    index.note_move(old, new)
    [moved] = index.records("checkpoint")
    assert (moved.name, moved.sha256, moved.pending) == ("sub/b.safetensors", record.sha256, False)
    assert index.chosen(moved) == {"prediction_type": "v"}
    index.close()
    again = open_index(tmp_path)
    assert [found.sha256 for found in again.records("checkpoint")] == [record.sha256]
    again.close()


def test_a_file_outside_of_the_folders_can_be_looked_at(index, tmp_path):
    assert index.examine(write(tmp_path / "x.safetensors")).identity.family == "test"
    assert "no installed extension" in index.examine(write(tmp_path / "y.safetensors", "strange")).problem
    (tmp_path / "z.safetensors").write_bytes(b"<html>")
    assert index.examine(tmp_path / "z.safetensors").problem.startswith("z.safetensors: ")


def test_its_state_tells_whether_a_listing_would_be_another_one(index, models, monkeypatch):
    monkeypatch.setattr("app.weights.looks.RESCAN_AFTER_S", 0.0)
    path = write(models / "a.safetensors")
    [record] = index.records("checkpoint")
    state = index.state("checkpoint")
    index.records("checkpoint")
    assert index.state("checkpoint") == state
    changes = (
        lambda: write(models / "b.safetensors"),
        lambda: os.utime(path, ns=(7, 7)),
        lambda: index.put_hash(record, "0" * 64, None),
        lambda: index.choose(record, {"prediction_type": "v"}),
        lambda: path.unlink(),
    )
    for change in changes:
        change()
        assert index.state("checkpoint") != state
        index.records("checkpoint")
        state = index.state("checkpoint")

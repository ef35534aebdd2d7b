"""The process that reads pickles for the web process: it answers, is limited, may die, and is ended."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest

from app.errors import ModelFileError
from app.paths import CHECKOUT
from app.testing.pickles import tensor, text, write_zip
from app.weights.header_reader import ApartReader, NotReadError
from app.weights.headers import read_header

HUNG = (sys.executable, "-c", "import sys; sys.stdin.readline(); sys.stdin.readline()")
DYING = (sys.executable, "-c", "import sys; sys.stdin.readline(); sys.stdout.write('{')")


@pytest.fixture
def reader():
    opened = ApartReader()
    yield opened
    opened.close()


def children() -> set[int]:
    return {child.pid for child in psutil.Process().children()}


def test_it_reads_what_is_read_here(reader: ApartReader, tmp_path: Path) -> None:
    path = write_zip(tmp_path / "x.pt", b"}(" + text("a") + tensor() + text("step") + b"K\x07u")
    assert reader.read(path) == read_header(path)
    assert reader.read(path).tensors["a"].shape == (2, 2)


def test_it_refuses_in_the_same_words(reader: ApartReader, tmp_path: Path) -> None:
    path = write_zip(tmp_path / "x.pt", b"cos\nsystem\n")
    with pytest.raises(ModelFileError) as here:
        read_header(path)
    with pytest.raises(ModelFileError) as apart:
        reader.read(path)
    assert (apart.value.what, apart.value.hint) == (here.value.what, here.value.hint)


def test_names_of_any_kind_reach_it(reader: ApartReader, tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a\n猫 \udcff.pt", tensor())
    assert list(reader.read(path).tensors) == [""]


def test_other_files_need_no_process(tmp_path: Path) -> None:
    reader = ApartReader(("no-such-program",))
    with pytest.raises(ModelFileError, match=r"gone\.ckpt"):
        reader.read(tmp_path / "gone.ckpt")
    (tmp_path / "x.onnx").write_bytes(b"abc")
    assert reader.read(tmp_path / "x.onnx").container == "onnx"


@pytest.mark.parametrize(("command", "words"), [(HUNG, "not read after 0.5 seconds"), (DYING, "ended")], ids=["hung", "dying"])
def test_a_file_that_stops_it_is_named_and_the_next_is_read(command: tuple[str, ...], words: str, tmp_path: Path) -> None:
    path = write_zip(tmp_path / "x.pt", tensor())
    before = children()
    reader = ApartReader(command, seconds=0.5)
    for _ in range(2):
        with pytest.raises(NotReadError, match=words) as caught:
            reader.read(path)
        assert "x.pt" in caught.value.what
    assert children() == before


def test_it_is_kept_for_the_next_file_and_ended_at_last(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "x.pt", tensor())
    before = children()
    reader = ApartReader()
    reader.read(path)
    started = children() - before
    reader.read(path)
    assert children() - before == started and len(started) == 1
    psutil.Process(*started).kill()
    psutil.wait_procs([psutil.Process(*started)], 10)
    assert list(reader.read(path).tensors) == [""]
    reader.close()
    assert children() == before


def test_it_is_ended_when_nothing_comes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = children()
    reader = ApartReader(idle_seconds=0.01)
    ended = threading.Event()
    close = reader.close
    monkeypatch.setattr(reader, "close", lambda: (close(), ended.set()))
    reader.read(write_zip(tmp_path / "x.pt", tensor()))
    assert ended.wait(30)
    assert children() == before


def test_the_web_process_has_pickles_read_and_a_worker_reads_them(make_host, monkeypatch: pytest.MonkeyPatch) -> None:
    hosts = {role: make_host("stable_diffusion", role=role) for role in ("web", "worker")}
    folder = hosts["web"].paths.models / "Stable-diffusion"
    folder.mkdir(parents=True, exist_ok=True)
    write_zip(folder / "x.ckpt", b"}" + text("a") + tensor() + b"s")
    before = children()
    try:
        with monkeypatch.context() as patch:
            patch.setattr("app.weights.headers.read_pickle", lambda path: pytest.fail("the web process reads a pickle"))
            record = hosts["web"].models.find("checkpoint", "x.ckpt")
            assert "a" in hosts["web"].models.header(record).tensors and len(children() - before) == 1
        monkeypatch.setattr("subprocess.Popen", lambda *arguments, **options: pytest.fail("a worker starts a process"))
        assert "a" in hosts["worker"].models.header(record).tensors
    finally:
        for host in hosts.values():
            host.close()
    assert children() == before


LIMITED = """
import sys
from app.weights.header_child import limit_memory, limit_time
limit_memory()
limit_time()
try:
    held = bytearray(400 << 20)
    sys.exit("it got the memory")
except MemoryError:
    pass
try:
    with open(sys.argv[1], "wb", buffering=0) as file:
        file.write(b"x")
    sys.exit("it wrote a file")
except OSError:
    pass
if {"torch", "numpy", "pydantic"} & set(sys.modules):
    sys.exit("it is heavy")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="limits of Linux")
def test_the_system_limits_it(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", LIMITED, str(tmp_path / "file")], cwd=CHECKOUT, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")

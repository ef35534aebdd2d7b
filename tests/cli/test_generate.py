"""``webui.py generate``: what it writes, what it says, and its exit codes."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from app.__main__ import main
from app.jobs.lock import FolderLock, address_of_holder
from app.paths import CALLED_FROM
from app.testing.hosts import temporary_host
from app.testing.web import served, with_tiny_worker
from extensions.stable_diffusion.testing import TinyCheckpoint, write_checkpoint

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    host = temporary_host(
        tmp_path_factory.mktemp("live"),
        ("a1111_api", "passwords", "samplers", "noise_schedules", "styles"),
        options={"nowebui": True, "flags": {"api-auth": "me:pw"}},
    )
    with_tiny_worker(host, "first.safetensors", "second.safetensors")
    with served(host) as where:
        yield where


@pytest.fixture
def generate(address, tmp_path, monkeypatch):
    """Run the command as a user in the test's folder would."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, user: str = "me:pw") -> int:
        return main(["generate", "--server", address, "--user", user, *arguments], {CALLED_FROM: str(tmp_path)})

    return run


def test_a_picture_is_written_where_it_was_asked_for(generate, tmp_path, capsys) -> None:
    assert generate("a cat", "-o", "cat.png", "--steps", "2", "--size", "64x72", "--seed", "4", "--negative", "dog", "--cfg", "3") == 0
    picture = Image.open(tmp_path / "cat.png")
    assert picture.size == (64, 72)
    assert (
        picture.info["parameters"].startswith("a cat\nNegative prompt: dog\nSteps: 2")
        and "CFG scale: 3, Seed: 4" in picture.info["parameters"]
    )
    assert capsys.readouterr().out.strip() == str(tmp_path / "cat.png")


def test_several_pictures_are_numbered(generate, tmp_path) -> None:
    assert generate("a cat", "-o", "cat.jpg", "-n", "2", "--steps", "1", "--size", "64x64", "--sampler", "Euler a") == 0
    assert [Image.open(tmp_path / name).format for name in ("cat-1.jpg", "cat-2.jpg")] == ["JPEG", "JPEG"]


def test_a_folder_gets_files_named_by_their_seeds(generate, tmp_path) -> None:
    assert generate("a cat", "-o", "new/", "-n", "2", "--steps", "1", "--size", "64x64", "--seed", "7", "--checkpoint", "second") == 0
    assert sorted(file.name for file in (tmp_path / "new").iterdir()) == ["7.png", "8.png"]


def test_files_that_are_there_stay_unless_they_are_to_be_replaced(generate, tmp_path, capsys) -> None:
    drawing = ("--steps", "1", "--size", "64x64", "--seed", "7")
    for name in ("cat.png", "dog-2.png", "7.png"):
        (tmp_path / name).write_bytes(b"mine")
    assert generate("a cat", "-o", "cat.png", *drawing) == 2
    assert "cat.png is there already" in capsys.readouterr().err
    assert generate("a cat", "-o", "dog.png", "-n", "2", *drawing) == 2
    assert generate("a cat", "-o", "", *drawing) == 0
    assert capsys.readouterr().out.strip() == str(tmp_path / "7 (2).png")
    assert all((tmp_path / name).read_bytes() == b"mine" for name in ("cat.png", "dog-2.png", "7.png"))
    assert generate("a cat", "-o", "cat.png", "--overwrite", *drawing) == 0
    assert Image.open(tmp_path / "cat.png").size == (64, 64)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("-o", "a.bmp"), 2, ".bmp"),
        (("-o", "no/such/a.png"), 2, "does not exist"),
        (("--size", "big"), 2, "--size"),
        (("-n", "0"), 2, "-n 0"),
        (("-n", "2", "-o", "-"), 2, "standard output"),
        (("--nonsense",), 2, "--nonsense"),
        (("--steps", "many"), 2, "--steps"),
        (("--checkpoint", "third"), 1, "third"),
        (("--sampler", "third"), 1, "third"),
        (("--steps", "5000"), 2, "steps"),
    ],
)
def test_what_is_wrong_is_said_with_a_code(generate, capsys, tmp_path, arguments, code, said) -> None:
    assert generate("a cat", *arguments) == code
    captured = capsys.readouterr()
    assert said in captured.err and "Traceback" not in captured.err
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_wants_a_password_or_is_not_there_has_a_code_of_its_own(generate, capsys) -> None:
    assert generate("a cat", user="me:wrong") == 3
    assert "--user" in capsys.readouterr().err
    assert main(["generate", "a cat", "--server", "http://127.0.0.1:9"], {}) == 3


def test_the_server_that_uses_the_data_folder_is_found_on_any_port(address, tmp_path) -> None:
    lock = FolderLock(tmp_path / "paintbox.lock")
    lock.acquire(1, address)
    words = ["generate", "a cat", "--steps", "1", "--size", "64x64", "--user", "me:pw", "--data-dir", str(tmp_path), "-o", "cat.png"]
    try:
        assert main(words, {CALLED_FROM: str(tmp_path)}) == 0  # a worker of its own would find the folder taken
    finally:
        lock.release()
    assert (tmp_path / "cat.png").exists()


def test_a_host_notes_its_address_while_it_uses_the_data_folder(tmp_path) -> None:
    host = temporary_host(tmp_path, (), options={"port": 7899, "subpath": "/draw"})
    with host.running():
        assert address_of_holder(host.paths.lock_file) == "http://127.0.0.1:7899/draw"
    assert address_of_holder(host.paths.lock_file) == ""


@pytest.mark.e2e
@pytest.mark.slow
def test_without_a_server_a_worker_is_started_and_nothing_is_left_behind(tmp_path) -> None:
    folder = tmp_path / "data" / "models" / "Stable-diffusion"
    folder.mkdir(parents=True)
    write_checkpoint(folder / "first.safetensors", TinyCheckpoint(seed=0))
    command = [sys.executable, "-m", "app", "generate", "a cat", "-o", "-", "--steps", "1", "--here", "--data-dir", str(tmp_path / "data")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=280, env={**os.environ, "OMP_NUM_THREADS": "1"})
    assert done.returncode == 0, done.stderr.decode()
    assert Image.open(io.BytesIO(done.stdout)).size == (64, 64)
    assert [file.name for file in (tmp_path / "data").rglob("*.png")] == []

"""A disk that is truly full: nothing half-written is left, the user is told, and the picture can still be fetched."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image

from app.errors import UserError
from app.generation.generate import generate
from app.generation.output_files import make_private, write_new
from app.paths import Paths
from app.testing.runs import RecordingRun
from app.values.request import GenerationRequest

DISK_BYTES = 1 << 20


@pytest.fixture
def disk(tmp_path):
    """A file system of a megabyte, where this machine lets one be made."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount, unmount = shutil.which("mount"), shutil.which("umount")
    if mount is None or unmount is None:
        pytest.skip("there is no mount here")
    command = [mount, "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("no file system may be mounted here")
    try:
        yield folder
    finally:
        subprocess.run([unmount, "-l", str(folder)], capture_output=True, check=True)


def fill(folder: Path) -> Path:
    """Write until nothing more fits."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file, _until_full():
        while True:
            file.write(bytes(4096))
    return filler


@contextmanager
def _until_full():
    try:
        yield
    except OSError as error:
        assert error.errno == errno.ENOSPC


def draw(host, **settings):
    run = RecordingRun(host, {"save_to_dirs": False, **settings})
    return generate(GenerationRequest(prompt="tree", steps=1, seed=7), run)


def files(folder):
    return sorted(path.name for path in folder.rglob("*") if path.is_file() and path.name != "filler")


def test_the_output_folder_is_full(host, disk):
    fill(disk)
    result = draw(host, outdir_txt2img_samples=str(disk), save_txt=True)
    (image,) = result.images
    assert image.spooled and Image.open(image.path).size == (64, 64)
    assert files(disk) == []
    assert any(str(disk) in comment and "No space left on device" in comment for comment in result.comments)


def test_the_disk_becomes_full_in_the_middle_of_a_file(disk):
    fill(disk).write_bytes(bytes(DISK_BYTES - 64 * 1024))
    with pytest.raises(OSError, match="No space left"):
        write_new(disk / "picture.png", bytes(128 * 1024))
    assert files(disk) == []


def test_the_whole_disk_is_full(host, disk, tmp_path, monkeypatch):
    spool = disk / "spool"
    spool.mkdir()
    elsewhere = tmp_path / "memory"
    monkeypatch.setattr(Paths, "spools", property(lambda self: (spool, elsewhere)))
    fill(disk)
    result = draw(host, outdir_txt2img_samples=str(disk))
    (image,) = result.images
    assert image.spooled and Path(image.path).is_relative_to(elsewhere) and Image.open(image.path).size == (64, 64)
    assert elsewhere.stat().st_mode & 0o077 == 0
    assert files(disk) == []
    assert any(str(spool) in comment and str(elsewhere) in comment for comment in result.comments)


def test_where_nothing_at_all_can_be_written_the_job_says_so(host, monkeypatch):
    def full(*given, **more):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("app.generation.output_files._write_temporary", full)
    monkeypatch.setattr(Paths, "spools", property(lambda self: (self.spool, self.data / "memory")))
    with pytest.raises(UserError, match="cannot be kept: .*No space left on device") as error:
        draw(host)
    assert error.value.status == 507


def test_without_hard_links_too_a_full_disk_leaves_nothing(tmp_path, monkeypatch):
    def full(*given, **more):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "link", full)
    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        write_new(tmp_path / "picture.png", b"data")
    assert files(tmp_path) == []


def test_the_spare_spool_is_private(tmp_path, host):
    made = tmp_path / "spare"
    make_private(made)
    make_private(made)
    assert made.stat().st_mode & 0o777 == 0o700
    link = tmp_path / "link"
    link.symlink_to(made)
    with pytest.raises(PermissionError, match="somebody else"):
        make_private(link)
    first, *others = host.paths.spools
    assert first == host.paths.spool and others and len({first, *others}) == len(host.paths.spools)

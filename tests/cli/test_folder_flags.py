"""The flags by which model folders are added are flags of the command line."""

from __future__ import annotations

from pathlib import Path

from app.cli.parser import declared_flags
from app.testing.hosts import temporary_host


def test_every_folder_flag_is_declared_by_its_extension(tmp_path: Path) -> None:
    host = temporary_host(tmp_path, None)
    flags = {flag for places in host.models.folders.values() for flag in (places.folder.flag, places.folder.file_flag) if flag}
    assert "ckpt-dir" in flags
    assert flags <= declared_flags(host.paths).keys()

"""Files appear whole, under the next free number, and nothing is overwritten."""

from __future__ import annotations

import os

import pytest

from app.generation.output_files import next_number, write_named, write_new, write_numbered


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_numbers_go_on_after_the_highest(tmp_path):
    assert write_numbered(tmp_path, "", "7", "png", b"1").name == "00000-7.png"
    (tmp_path / "00041-x.jpg").write_bytes(b"")
    (tmp_path / "notes.txt").write_bytes(b"")
    (tmp_path / "99-a").mkdir()
    assert write_numbered(tmp_path, "", "", "png", b"1").name == "00100.png"


def test_grids_count_by_themselves(tmp_path):
    write_numbered(tmp_path, "", "7", "png", b"1")
    assert write_numbered(tmp_path, "grid", "", "png", b"1").name == "grid-0000.png"
    assert write_numbered(tmp_path, "grid", "seed", "png", b"1").name == "grid-0001-seed.png"
    assert next_number(tmp_path, "grid") == 2


def test_a_file_of_that_name_is_never_touched(tmp_path):
    (tmp_path / "a.png").write_bytes(b"mine")
    assert not write_new(tmp_path / "a.png", b"other")
    assert write_named(tmp_path, "a", "png", b"other", replace=False).name == "a-1.png"
    assert (tmp_path / "a.png").read_bytes() == b"mine"
    assert write_named(tmp_path, "a", "png", b"new", replace=True).read_bytes() == b"new"


def test_a_name_taken_meanwhile_is_not_overwritten(tmp_path, monkeypatch):
    real, taken = os.link, tmp_path / "00000-x.png"

    def link(source, target):
        if not taken.exists():
            taken.write_bytes(b"other process")
        real(source, target)

    monkeypatch.setattr(os, "link", link)
    assert write_numbered(tmp_path, "", "x", "png", b"ours").name == "00001-x.png"
    assert taken.read_bytes() == b"other process"


def test_a_file_system_without_hard_links_works_too(tmp_path, monkeypatch):
    def link(source, target):
        raise PermissionError("no links here")

    monkeypatch.setattr(os, "link", link)
    assert write_numbered(tmp_path, "", "x", "png", b"data").read_bytes() == b"data"
    assert not write_new(tmp_path / "00000-x.png", b"other")
    assert names(tmp_path) == ["00000-x.png"]


def test_nothing_half_written_is_left_when_the_disk_is_full(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "link", full)
    monkeypatch.setattr(os, "open", full)
    with pytest.raises(OSError, match="No space"):
        write_numbered(tmp_path, "", "x", "png", b"data")
    assert names(tmp_path) == []


def test_long_names_are_cut_between_characters(tmp_path):
    path = write_numbered(tmp_path, "", "夜" * 200, "png", b"data")
    assert path.exists() and len(path.name.encode()) <= 255 and path.name.startswith("00000-夜夜") and path.suffix == ".png"


def test_names_with_folders_make_the_folders(tmp_path):
    assert write_named(tmp_path, "by seed/7", "png", b"1", replace=False) == tmp_path / "by seed" / "7.png"

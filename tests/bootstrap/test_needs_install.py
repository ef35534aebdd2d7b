"""When a start has something to install, and when it must not touch anything."""

import sys

import pytest

from bootstrap.place import Place
from bootstrap.stamp import Stamp, digest, python_tag, read_stamp, write_stamp
from bootstrap.start import needs_install
from tests.bootstrap.machines import machine

DRIVER = {"/proc/driver/nvidia/version": "NVRM version: 580"}
NEWER_DRIVER = {"/proc/driver/nvidia/version": "NVRM version: 590"}


@pytest.fixture
def place(tmp_path):
    """An installation whose environment has a Python that runs."""
    place = Place(tmp_path)
    place.runtime_pins.parent.mkdir()
    place.runtime_pins.write_text("torch==2.13.0\n")
    place.python.parent.mkdir(parents=True)
    place.python.symlink_to(sys.executable)
    return place


def stamped(place, *, build="cpu", sign="", python=""):
    write_stamp(place.runtime_stamp, Stamp(digest(place.runtime_pins), python or python_tag(), build, sign))


def test_a_complete_install_needs_nothing(place):
    stamped(place)
    assert not needs_install(place, machine())


def test_no_stamp_other_pins_and_a_missing_python_need_an_install(place):
    assert needs_install(place, machine())
    stamped(place)
    place.runtime_pins.write_text("torch==2.14.0\n")
    assert needs_install(place, machine())
    stamped(place)
    place.python.unlink()
    assert needs_install(place, machine())


def test_an_accelerator_that_appears_is_looked_at_one_that_is_gone_or_the_same_is_not(place):
    stamped(place)
    assert needs_install(place, machine(files=DRIVER))
    stamped(place, build="cu130", sign="nvidia NVRM version: 580")
    assert not needs_install(place, machine(files=DRIVER))
    assert needs_install(place, machine(files=NEWER_DRIVER))
    assert not needs_install(place, machine())


def test_a_build_that_the_user_chose_stays_until_the_user_chooses_another(place):
    stamped(place, build="index https://mirror.example", sign="index https://mirror.example")
    assert not needs_install(place, machine(files=DRIVER))
    assert not needs_install(place, machine(variables={"TORCH_INDEX_URL": "https://mirror.example"}))
    assert needs_install(place, machine(variables={"TORCH_INDEX_URL": "https://other.example"}))


def test_a_working_environment_is_kept_when_another_python_starts_it(place, monkeypatch):
    stamped(place)
    monkeypatch.setattr(sys.implementation, "cache_tag", "cpython-399")
    assert not needs_install(place, machine())
    stamped(place, python="cpython-398")
    assert needs_install(place, machine())


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pins": "x"}'])
def test_a_stamp_that_cannot_be_read_counts_as_none(tmp_path, text):
    path = tmp_path / "stamp.json"
    assert read_stamp(path) is None
    path.write_text(text)
    assert read_stamp(path) is None

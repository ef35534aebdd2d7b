"""Packages of a snapshot: the same files again, under the rules of every install."""

from __future__ import annotations

import hashlib
import json
import zipfile

import pytest

from app.installing.restoring import restore
from app.testing.installing import manifest_text, write_archive, write_wheel


def installed_with(store, tmp_path, requirement):
    """An extension that brings a package, installed."""
    code = {"pyproject.toml": manifest_text("mine", dependencies=[requirement]), "__init__.py": ""}
    store.carry_out(store.plan_archive(write_archive(tmp_path / "mine.zip", code), "mine.zip").token)


def test_a_restore_takes_the_same_file_of_a_package_or_none(store, paths, wheels, tmp_path) -> None:
    wheel = write_wheel(wheels, "alpha-of-a-test", "1.0")
    installed_with(store, tmp_path, "alpha-of-a-test")
    taken = store.take_snapshot("with it")
    assert taken.package_hashes == {"alpha-of-a-test": hashlib.sha256(wheel.read_bytes()).hexdigest()}
    assert store.snapshots.get(taken.file).package_hashes == taken.package_hashes
    store.remove("mine")
    assert store.packages.installed() == {} and store.packages.hashes() == {}
    good = wheel.read_bytes()
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.writestr("evil_of_a_test.py", "")
    restored = restore(store, taken.file, "extensions")
    assert store.packages.installed() == {} and any("could not be installed" in problem for problem in restored.problems)
    wheel.write_bytes(good)
    assert restore(store, taken.file, "extensions").problems == ()
    assert store.packages.installed() == {"alpha-of-a-test": "1.0"}


def snapshot_of(store, **packages):
    """An older snapshot, which knows versions alone."""
    taken = store.take_snapshot("old")
    path = store.snapshots.folder / taken.file
    document = json.loads(path.read_text())
    document["paintbox"]["packages"] = packages
    del document["paintbox"]["package_hashes"]
    path.write_text(json.dumps(document))
    return taken.file


def test_an_older_snapshot_restores_packages_and_says_what_was_not_compared(store, wheels) -> None:
    write_wheel(wheels, "alpha", "1.0")
    restored = restore(store, snapshot_of(store, alpha="1.0"), "extensions")
    assert restored.problems == () and "not compared" in " ".join(restored.done)
    assert store.packages.installed() == {"alpha": "1.0"}


@pytest.mark.parametrize(
    ("name", "version", "sentence"),
    [
        ("litellm", "1.82.7", "malware"),
        ("pydantic", "1.0", "Paintbox holds pydantic"),
        ("alpha", "1.0\n--index-url http://evil", "not the name and version"),
        ("-e .", "1", "not the name and version"),
    ],
)
def test_a_restore_installs_nothing_that_an_install_would_refuse(store, wheels, name, version, sentence) -> None:
    write_wheel(wheels, "litellm", "1.82.7")
    write_wheel(wheels, "pydantic", "1.0")
    restored = restore(store, snapshot_of(store, **{name: version}), "extensions")
    assert store.packages.installed() == {} and sentence in " ".join(restored.problems)

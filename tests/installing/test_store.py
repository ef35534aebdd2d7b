"""Installing, updating, switching and going back, on files alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.errors import NotFoundError, UserError
from app.installing.packages import Packages
from app.installing.restoring import differences, restore
from app.installing.store import ExtensionStore
from app.testing.installing import commit_files, manifest_text, write_archive, write_files, write_wheel

CODE = {"pyproject.toml": manifest_text("mine"), "__init__.py": "raise RuntimeError('never imported')"}


def address(repository: Path) -> str:
    return f"file://{repository}"


def test_a_repository_is_planned_in_quarantine_and_installed_at_the_commit_that_was_shown(store, paths, tmp_path) -> None:
    repository = tmp_path / "mine.git"
    repository.mkdir()
    commit = commit_files(repository, {**CODE, "net.py": "import urllib.request, subprocess"})
    plan = store.plan_address(address(repository))
    assert (plan.name, plan.commit, plan.branch, plan.kind, plan.refusals) == ("mine", commit, "main", "install", ())
    assert {file.path for file in plan.files} == {"pyproject.toml", "__init__.py", "net.py"}
    assert plan.undeclared == ("network", "processes")
    assert not list(paths.extensions.iterdir()), "nothing is installed by a plan"
    commit_files(repository, {"later.py": ""})
    store.carry_out(plan.token)
    assert store.git.facts(paths.extensions / "mine").commit == commit
    assert not (paths.extensions / "mine" / "later.py").exists()
    assert not list(paths.quarantine.iterdir())


def test_what_has_changed_in_quarantine_is_not_installed(store, paths, tmp_path) -> None:
    plan = store.plan_archive(write_archive(tmp_path / "mine.zip", CODE), "mine.zip")
    (paths.quarantine / plan.token / "mine" / "__init__.py").write_text("import os")
    with pytest.raises(UserError, match="not what was looked at"):
        store.carry_out(plan.token)
    assert not (paths.extensions / "mine").exists()


def test_an_update_shows_its_files_and_a_restore_goes_back_without_the_repository(store, paths, tmp_path) -> None:
    repository = tmp_path / "mine"
    repository.mkdir()
    first = commit_files(repository, CODE)
    store.carry_out(store.plan_address(address(repository)).token)
    second = commit_files(repository, {"__init__.py": "pass", "new.py": ""})
    plan = store.plan_update("mine")
    assert [(change.path, change.change) for change in plan.changes] == [("__init__.py", "changed"), ("new.py", "new")]
    store.carry_out(plan.token)
    assert store.git.facts(paths.extensions / "mine").commit == second
    repository.rename(tmp_path / "gone")
    backup = next(each for each in store.snapshots.list() if each.name == "before update of mine")
    assert [(each.name, each.now, each.then) for each in differences(store, backup)] == [("mine", second[:8], first[:8])]
    restored = restore(store, backup.file)
    assert restored.problems == ()
    assert store.git.facts(paths.extensions / "mine").commit == first


def test_an_update_never_overwrites_what_somebody_has_changed(store, paths, tmp_path) -> None:
    repository = tmp_path / "mine"
    repository.mkdir()
    commit_files(repository, CODE)
    store.carry_out(store.plan_address(address(repository)).token)
    (paths.extensions / "mine" / "__init__.py").write_text("# mine")
    commit_files(repository, {"new.py": ""})
    with pytest.raises(UserError, match="changed by hand: __init__.py"):
        store.carry_out(store.plan_update("mine").token)
    assert (paths.extensions / "mine" / "__init__.py").read_text() == "# mine"


def test_an_archive_updates_one_of_its_name_and_a_restore_brings_the_old_files_back(store, paths, tmp_path) -> None:
    store.carry_out(store.plan_archive(write_archive(tmp_path / "a.zip", CODE, "mine-main"), "mine-main.zip").token)
    newer = dict(CODE)
    newer["pyproject.toml"] = manifest_text("mine", version="2.0.0", permissions=["network"])
    plan = store.plan_archive(write_archive(tmp_path / "b.zip", newer, "mine"), "mine.zip")
    assert "New in this version: it declares network." in plan.remarks
    assert (plan.kind, plan.version_now, plan.version) == ("update", "1.0.0", "2.0.0")
    store.carry_out(plan.token)
    assert store.candidates()["mine"].manifest.version == "2.0.0"
    restore(store, "before update of mine")
    assert store.candidates()["mine"].manifest.version == "1.0.0"
    store.remove("mine")
    assert "mine" not in store.candidates()
    restore(store, "before removing mine")
    assert store.candidates()["mine"].manifest.version == "1.0.0"


def test_packages_are_added_beside_the_hosts_and_go_with_the_way_back(store, paths, wheels, tmp_path) -> None:
    write_wheel(wheels, "alpha-of-a-test", "1.0", ["beta-of-a-test>=1", "pydantic"])
    write_wheel(wheels, "beta-of-a-test", "1.5")
    files = {**CODE, "pyproject.toml": manifest_text("mine", dependencies=["alpha-of-a-test", "packaging"])}
    plan = store.plan_archive(write_archive(tmp_path / "mine.zip", files), "mine.zip")
    assert {(each.name, each.version) for each in plan.packages} == {("alpha-of-a-test", "1.0"), ("beta-of-a-test", "1.5")}
    assert all(each.sha256 for each in plan.packages)
    assert store.packages.installed() == {}
    store.carry_out(plan.token)
    assert store.packages.installed() == {"alpha-of-a-test": "1.0", "beta-of-a-test": "1.5"}
    restored = restore(store, "before install of mine")
    assert restored.problems == ()
    assert store.packages.installed() == {}
    assert not list(paths.extension_packages.rglob("*.py"))
    assert store.settings()["disabled_extensions"] == ["mine"]


@pytest.mark.parametrize(
    ("requirement", "sentence"),
    [
        ("pydantic<1", "mine wants pydantic<1; Paintbox holds pydantic"),
        ("needs-old-of-a-test", "needs-old-of-a-test 1.0, which wants pydantic<1; Paintbox holds pydantic"),
        ("not-there-of-a-test", "not-there-of-a-test"),
        ("litellm==1.82.7", "published with malware in it"),
        ("--index-url https://example.org", "not the name of a package"),
        ("thing @ git+https://example.org/thing", "from an address of its own"),
    ],
)
def test_what_does_not_go_with_the_host_is_refused_with_a_sentence(store, paths, wheels, tmp_path, requirement, sentence) -> None:
    write_wheel(wheels, "needs-old-of-a-test", "1.0", ["pydantic<1"])
    write_wheel(wheels, "litellm", "1.82.7")
    files = {**CODE, "requirements.txt": f"# of the author\n{requirement}\n"}
    plan = store.plan_archive(write_archive(tmp_path / "mine.zip", files), "mine.zip")
    assert sentence in " ".join(plan.refusals)
    with pytest.raises(UserError, match="mine is not installed"):
        store.carry_out(plan.token)
    assert not (paths.extensions / "mine").exists()
    assert store.packages.installed() == {}


def test_a_package_of_another_extension_is_held_for_it(store, wheels, paths, tmp_path) -> None:
    write_wheel(wheels, "alpha-of-a-test", "1.0")
    files = {**CODE, "pyproject.toml": manifest_text("mine", dependencies=["alpha-of-a-test<2"])}
    store.carry_out(store.plan_archive(write_archive(tmp_path / "mine.zip", files), "mine.zip").token)
    write_wheel(wheels, "alpha-of-a-test", "2.0")
    other = {**CODE, "pyproject.toml": manifest_text("other", dependencies=["alpha-of-a-test>=2"])}
    plan = store.plan_archive(write_archive(tmp_path / "other.zip", other), "other.zip")
    assert plan.refusals == ("other wants alpha-of-a-test>=2; the extension mine holds alpha-of-a-test 1.0.",)
    newer = {**CODE, "pyproject.toml": manifest_text("mine", version="2.0", dependencies=["alpha-of-a-test>=2"])}
    update = store.plan_archive(write_archive(tmp_path / "mine.zip", newer), "mine.zip")
    assert [each.version for each in update.packages] == ["2.0"], "what only it needs may move with it"


def test_switching_is_written_with_a_snapshot_before(store, paths) -> None:
    write_files(paths.extensions / "mine", CODE)
    paths.config_file.write_text(json.dumps({"samples_format": "png", "civitai_token": "very secret"}))
    store.switch({"mine": False})
    assert store.settings()["disabled_extensions"] == ["mine"]
    snapshot = store.snapshots.get("before disabling mine")
    assert snapshot.extensions["mine"].enabled
    assert "very secret" not in (store.snapshots.folder / snapshot.file).read_text()
    restore(store, snapshot.file)
    assert store.settings() == {
        "samples_format": "png",
        "civitai_token": "very secret",
        "disabled_extensions": [],
        "disable_all_extensions": "none",
    }
    with pytest.raises(NotFoundError):
        store.switch({"nothing": False})


def test_what_is_set_while_the_snapshot_is_taken_is_not_lost(store, paths, monkeypatch) -> None:
    write_files(paths.extensions / "mine", CODE)
    paths.config_file.write_text(json.dumps({"samples_format": "png"}))
    take = store.snapshots.take

    def take_slowly(*given, **how):
        paths.config_file.write_text(json.dumps({"samples_format": "jpg"}))
        return take(*given, **how)

    monkeypatch.setattr(store.snapshots, "take", take_slowly)
    store.switch({"mine": False})
    assert store.settings() == {"samples_format": "jpg", "disabled_extensions": ["mine"]}


def test_the_settings_alone_or_the_extensions_alone_go_back(store, paths) -> None:
    write_files(paths.extensions / "mine", CODE)
    paths.config_file.write_text(json.dumps({"samples_format": "png"}))
    file = store.take_snapshot("good days").file
    paths.config_file.write_text(json.dumps({"samples_format": "jpg", "disabled_extensions": ["mine"]}))
    restore(store, file, "webui")
    assert store.settings() == {"samples_format": "png", "disabled_extensions": ["mine"]}
    paths.config_file.write_text(json.dumps({"samples_format": "jpg", "disabled_extensions": ["mine"]}))
    restore(store, "good days", "extensions")
    assert store.settings()["samples_format"] == "jpg"
    assert store.settings()["disabled_extensions"] == []


def test_a_snapshot_of_a1111_is_read(store, paths) -> None:
    write_files(paths.extensions / "mine", CODE)
    state = {"name": "mine", "path": "x", "version": "", "is_builtin": False, "enabled": False, "commit_hash": None, "remote": None}
    document = {"name": "old", "created_at": 1.0, "webui": {}, "extensions": {"mine": state}}
    write_files(store.snapshots.folder, {"old.json": json.dumps(document), "broken.json": "{"})
    assert [each.name for each in store.snapshots.list()] == ["old"]
    assert restore(store, "old").done == ("mine: disabled.",)
    store.snapshots.delete("old.json")
    with pytest.raises(NotFoundError):
        store.snapshots.get("../config.json")


def test_two_changes_at_once_are_refused(store: ExtensionStore) -> None:
    with store.one_change(), pytest.raises(UserError, match="on its way"):
        store.take_snapshot("meanwhile")


def test_old_automatic_snapshots_go_and_named_ones_stay(store, paths, monkeypatch) -> None:
    monkeypatch.setattr("app.installing.snapshots.KEPT_AUTOMATIC", 2)
    folder = write_files(paths.extensions / "mine", CODE)
    store.take_snapshot("kept")
    for number in range(4):
        (folder / "__init__.py").write_text(f"# {number}")
        store.switch({"mine": number % 2 == 1})
    assert sorted(each.name for each in store.snapshots.list()) == ["before disabling mine", "before enabling mine", "kept"]
    kept = {state.digest for each in store.snapshots.list() for state in each.extensions.values()}
    assert {path.stem for path in (store.snapshots.folder / "contents").iterdir()} == kept


def test_an_archive_that_claims_to_come_with_paintbox_is_refused(store, paths, tmp_path) -> None:
    files = {**CODE, "pyproject.toml": manifest_text("mine", builtin=True)}
    plan = store.plan_archive(write_archive(tmp_path / "mine.zip", files), "mine.zip")
    assert "builtin = true" in " ".join(plan.refusals)
    with pytest.raises(UserError, match="mine is not installed"):
        store.carry_out(plan.token)
    assert not (paths.extensions / "mine").exists()


def test_a_manifest_needs_no_description_and_says_what_is_missing(store, tmp_path) -> None:
    without = manifest_text("mine", permissions=["network"]).replace('description = "of a test"\n', "")
    plan = store.plan_archive(write_archive(tmp_path / "mine.zip", {**CODE, "pyproject.toml": without}), "mine.zip")
    assert (plan.refusals, plan.description, plan.permissions) == ((), "", ("network",))
    files = {**CODE, "pyproject.toml": without.replace('version = "1.0.0"\n', "")}
    plan = store.plan_archive(write_archive(tmp_path / "other.zip", files), "mine.zip")
    assert "[project] version is missing." in " ".join(plan.refusals)
    assert plan.version == "", "the page takes it as the sign that nothing is known of what is declared"


def test_what_paintbox_has_is_held_by_paintbox_whoever_uses_it_too(wheels, paths, tmp_path) -> None:
    packages = Packages(paths.extension_packages, {"comes_with_it": ["pydantic>=2", "needs-old-of-a-test"]})
    (conflict,) = packages.resolve("mine", ["pydantic<1"]).conflicts
    assert conflict.startswith("mine wants pydantic<1; Paintbox holds pydantic")

"""Which extensions are found, where they may lie, and which count as built-in."""

from __future__ import annotations

import subprocess
import sys

import pytest

from app.discovery import SHIPPED
from app.extension_report import ExtensionState
from app.host import build_host
from app.testing.hosts import forgetting_extensions
from app.values.options import StartOptions

MANIFEST = '[project]\nname = "{id}"\nversion = "2.0"\ndescription = "of a test"\n[tool.paintbox]\nhost = ">=1"\nbuiltin = {builtin}\n'


@pytest.fixture(autouse=True)
def nothing_stays_imported():
    with forgetting_extensions():
        yield


@pytest.fixture
def root(tmp_path):
    """A checkout of its own, without git."""
    (tmp_path / "root" / "extensions").mkdir(parents=True)
    list_shipped(tmp_path / "root", "shipped", "twice", "a", "b", "c", "cloned_here")
    (tmp_path / "data").mkdir()
    return tmp_path / "root"


def list_shipped(root, *names):
    (root / SHIPPED).parent.mkdir(exist_ok=True)
    (root / SHIPPED).write_text("# of a test\n" + "".join(f"{name}\n" for name in names))


def _write(parent, name, builtin=True, code=""):
    folder = parent / "extensions" / name
    folder.mkdir(parents=True)
    (folder / "pyproject.toml").write_text(MANIFEST.format(id=name, builtin=str(builtin).lower()))
    (folder / "__init__.py").write_text(code)
    return folder


def _host(root, tmp_path, **options):
    return build_host(StartOptions(data_dir=str(tmp_path / "data"), **options), "web", root=root, environment={}, with_packages=False)


def _origins(host) -> dict[str, bool]:
    return {report.id: report.is_builtin for report in host.extensions}


def test_built_in_is_what_says_so_in_the_checkout_and_is_no_repository_of_its_own(root, tmp_path) -> None:
    _write(root, "shipped")
    _write(root, "copied_here", builtin=False)
    (_write(root, "cloned_here") / ".git").mkdir()
    _write(tmp_path / "data", "elsewhere")
    host = _host(root, tmp_path)
    assert _origins(host) == {"cloned_here": False, "copied_here": False, "elsewhere": False, "shipped": True}
    assert all(report.state is ExtensionState.ACTIVE for report in host.extensions)


def test_in_a_git_checkout_only_what_git_tracks_is_built_in(root, tmp_path) -> None:
    _write(root, "shipped")
    _write(root, "unpacked_here")
    for command in (["init", "-q"], ["add", "extensions/shipped"]):
        subprocess.run(["git", "-C", str(root), *command], check=True)
    assert _origins(_host(root, tmp_path)) == {"shipped": True, "unpacked_here": False}


def test_safe_mode_loads_the_built_in_ones_alone(root, tmp_path) -> None:
    _write(root, "shipped")
    _write(tmp_path / "data", "mine", code="raise SystemExit('never imported')")
    host = _host(root, tmp_path, safe_mode=True)
    assert host.extensions.active() == ["shipped"]
    assert host.extensions.get("mine").state is ExtensionState.DISABLED
    assert "--safe-mode" in host.extensions.get("mine").error


@pytest.mark.parametrize(("scope", "active"), [("none", ["mine", "shipped"]), ("extra", ["shipped"]), ("all", [])])
def test_the_setting_that_disables_many(root, tmp_path, scope, active) -> None:
    _write(root, "shipped")
    _write(tmp_path / "data", "mine")
    assert _host(root, tmp_path, settings={"disable_all_extensions": scope}).extensions.active() == active


def test_of_two_with_one_id_the_checkouts_counts_and_the_other_is_named(root, tmp_path) -> None:
    _write(root, "twice")
    _write(tmp_path / "data", "twice", code="raise SystemExit('never imported')")
    host = _host(root, tmp_path)
    assert host.extensions.active() == ["twice"]
    other = host.extensions.quarantined()[0]
    assert str(tmp_path / "data" / "extensions" / "twice") in other.id
    assert str(root / "extensions" / "twice") in other.error


def test_other_folders_are_no_extensions(root, tmp_path) -> None:
    _write(root, "shipped")
    for name in ("__pycache__", ".idea", "empty"):
        (root / "extensions" / name).mkdir()
    (root / "extensions" / "__pycache__" / "x.pyc").write_bytes(b"")
    (root / "extensions" / "README.md").write_text("")
    assert list(_origins(_host(root, tmp_path))) == ["shipped"]


def test_required_ones_come_first_and_the_rest_is_ordered_by_id(root, tmp_path) -> None:
    for name in ("c", "a", "b"):
        _write(root, name)
    manifest = root / "extensions" / "a" / "pyproject.toml"
    manifest.write_text(manifest.read_text() + 'requires = ["c"]\n')
    assert _host(root, tmp_path).extensions.active() == ["b", "c", "a"]


def test_an_installed_package_can_be_an_extension(root, tmp_path, monkeypatch) -> None:
    site = tmp_path / "site"
    info = site / "painty-3.1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: painty\nVersion: 3.1\nSummary: A package\n")
    (info / "entry_points.txt").write_text("[paintbox.extensions]\npainty = painty_package\n")
    (site / "painty_package.py").write_text(
        "from app.api import Sampler, hookimpl\n@hookimpl\ndef register_samplers(host):\n    return [Sampler('Painty', lambda: None)]\n"
    )
    monkeypatch.syspath_prepend(str(site))
    options = StartOptions(data_dir=str(tmp_path / "data"))
    host = build_host(options, "web", root=root, environment={})
    report = host.extensions.get("painty")
    assert (report.state, report.version, report.description, report.is_builtin) == (ExtensionState.ACTIVE, "3.1", "A package", False)
    assert host.samplers.owner("Painty") == "painty"
    del sys.modules["painty_package"]


def test_extensions_are_found_wherever_the_program_was_started(root, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir("/")
    _write(tmp_path / "data", "mine", code="from extensions.mine.part import VALUE\n").joinpath("part.py").write_text("VALUE = 7\n")
    assert _host(root, tmp_path).extensions.active() == ["mine"]
    assert sys.modules["extensions.mine"].VALUE == 7


@pytest.mark.parametrize("git", ["", "gitdir: /nowhere"])
def test_without_git_the_list_decides_and_not_the_manifest(root, tmp_path, git) -> None:
    if git:
        (root / ".git").write_text(git)
    _write(root, "shipped")
    _write(root, "unpacked_here")
    assert _origins(_host(root, tmp_path)) == {"shipped": True, "unpacked_here": False}
    safe = _host(root, tmp_path, safe_mode=True)
    assert safe.extensions.active() == ["shipped"]
    (root / SHIPPED).unlink()
    assert _origins(_host(root, tmp_path)) == {"shipped": False, "unpacked_here": False}

"""Checks that every extension passes; each takes the Conformance and the extension's folder and raises AssertionError."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.manifest import check_host_range, missing_requirements, read_manifest
from app.paths import CHECKOUT
from app.testing.source import forbidden_import, read_imports

PROBE_TIMEOUT_S = 120


class Conformance:
    """Asks a fresh process about an extension, once each; ``place`` is a folder for the data of these processes."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._facts: dict[Path, dict[str, Any]] = {}

    def facts(self, folder: Path) -> dict[str, Any]:
        """What ``app.testing.probe`` found out."""
        if folder not in self._facts:
            self._facts[folder] = self._probe(folder)
        return self._facts[folder]

    def _probe(self, folder: Path) -> dict[str, Any]:
        data = self._place / folder.name
        (data / "extensions").mkdir(parents=True)
        if folder.parent != CHECKOUT / "extensions":
            (data / "extensions" / folder.name).symlink_to(folder, target_is_directory=True)
        command = [sys.executable, "-m", "app.testing.probe", folder.name, str(data)]
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        done = subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, timeout=PROBE_TIMEOUT_S)
        assert done.returncode == 0, f"a host with {folder.name} alone does not start:\n{done.stderr}"
        facts: dict[str, Any] = json.loads(done.stdout)
        return facts


def manifest_is_complete(conformance: Conformance, folder: Path) -> None:
    """The manifest can be read, fits this host, and the Python packages it names are installed."""
    manifest = read_manifest(folder)
    check_host_range(manifest)
    assert missing_requirements(manifest) == []
    assert manifest.title, "[tool.paintbox] title is missing"


def it_says_what_it_is_for(conformance: Conformance, folder: Path) -> None:
    """There is a README, and the first line of every file is a sentence about it."""
    assert (folder / "README.md").is_file(), "README.md is missing"
    for file in sorted(folder.rglob("*.py")):
        first = file.read_text(encoding="utf-8").partition("\n")[0]
        assert first.startswith('"""') and len(first) > 10, f"{file.relative_to(folder)} does not begin with what it is for"


def it_has_tests(conformance: Conformance, folder: Path) -> None:
    """There is at least one test."""
    assert list(folder.glob("tests/**/test_*.py")), "tests/test_*.py is missing"


def imports_are_allowed(conformance: Conformance, folder: Path) -> None:
    """Only app.api, its own package and third-party libraries, each where it belongs."""
    complaints = [forbidden_import(found, folder, folder.name) for found in read_imports(folder, folder.name)]
    assert [complaint for complaint in complaints if complaint] == []


def other_extensions_are_required(conformance: Conformance, folder: Path) -> None:
    """What it (its tests aside) imports of another extension is listed in ``requires``."""
    outside = [found for found in read_imports(folder, folder.name) if found.module.startswith("extensions.")]
    named = {found.module.split(".")[1] for found in outside if folder / "tests" not in found.file.parents}
    unlisted = named - {folder.name} - set(read_manifest(folder).requires)
    assert not unlisted, f"{', '.join(sorted(unlisted))} must be listed in requires"


def import_loads_nothing_heavy(conformance: Conformance, folder: Path) -> None:
    """Loading it brings neither torch nor the page's libraries into the process."""
    assert conformance.facts(folder)["heavy"] == []


def it_starts_alone(conformance: Conformance, folder: Path) -> None:
    """A host with it and what it requires starts, and nothing is quarantined."""
    states = conformance.facts(folder)["states"]
    assert states[folder.name] == ["active", ""]
    assert [name for name, (state, _) in states.items() if state == "quarantined"] == []


def its_hooks_are_known(conformance: Conformance, folder: Path) -> None:
    """It implements no hook that does not exist."""
    assert conformance.facts(folder)["warnings"][folder.name] == []


def its_names_are_its_own(conformance: Conformance, folder: Path) -> None:
    """Nothing it registers has a name that another installed extension uses."""
    assert conformance.facts(folder)["warnings_with_all"][folder.name] == []


def params_survive_json(conformance: Conformance, folder: Path) -> None:
    """Its Params have defaults, and travel as JSON unchanged."""
    assert conformance.facts(folder)["params"] == []


def it_leaves_nothing_behind(conformance: Conformance, folder: Path) -> None:
    """After two runs of a host no thread, file, process or stash entry is left, and no module was replaced."""
    assert conformance.facts(folder)["left_behind"] == []


def others_start_without_it(conformance: Conformance, folder: Path) -> None:
    """A host with every other extension (but those that require it) starts, and nothing is quarantined."""
    facts = conformance.facts(folder)
    broken_anyway = {name for name, (state, _) in facts["states_with_all"].items() if state == "quarantined"}
    broken = {name: error for name, (state, error) in facts["states_without"].items() if state == "quarantined"}
    assert broken.keys() - broken_anyway == set(), broken


CONFORMANCE_CHECKS: tuple[Callable[[Conformance, Path], None], ...] = (
    manifest_is_complete,
    it_says_what_it_is_for,
    it_has_tests,
    imports_are_allowed,
    other_extensions_are_required,
    import_loads_nothing_heavy,
    it_starts_alone,
    its_hooks_are_known,
    its_names_are_its_own,
    params_survive_json,
    it_leaves_nothing_behind,
    others_start_without_it,
)

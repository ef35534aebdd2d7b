"""Every package is pinned, whatever pulls it in, and the same everywhere."""

import ast
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
RUNTIME = PROJECT["dependencies"]
TEST = PROJECT["optional-dependencies"]["test"]


def pins(name):
    lines = (ROOT / "requirements" / name).read_text(encoding="utf-8").splitlines()
    return [Requirement(line.partition("#")[0]) for line in lines if line and not line.lstrip().startswith("#")]


def pinned_versions(name):
    return {canonicalize_name(pin.name): str(next(iter(pin.specifier))).removeprefix("==") for pin in pins(name)}


@pytest.mark.parametrize("name", ["runtime.txt", "test.txt"])
def test_every_line_pins_one_version(name):
    assert [str(pin) for pin in pins(name) if [each.operator for each in pin.specifier] != ["=="]] == []


@pytest.mark.parametrize("name", ["runtime.txt", "test.txt"])
def test_torch_has_its_version_and_torchvision_stays_out(name):
    versions = pinned_versions(name)
    assert versions["torch"] == "2.13.0"
    assert "torchvision" not in versions
    assert "torch==2.13.0" in RUNTIME


def test_the_tests_run_with_the_versions_that_users_run():
    runtime, test = pinned_versions("runtime.txt"), pinned_versions("test.txt")
    assert {name: test.get(name) for name in runtime} == runtime


@pytest.mark.parametrize(("direct", "name"), [(RUNTIME, "runtime.txt"), (RUNTIME + TEST, "test.txt")])
def test_whatever_the_requirements_pull_in_is_pinned_to_what_is_installed_here(direct, name):
    pinned = pinned_versions(name)
    installed = {package: Version(metadata.version(package)).public for package in needed_packages(direct)}
    assert {package: pinned.get(package) for package in installed} == installed


def needed_packages(direct):
    """Names of all packages that the direct requirements pull in on this machine."""
    waiting, seen = [Requirement(each) for each in direct], set()
    while waiting:
        requirement = waiting.pop()
        for extra in {"", *requirement.extras}:
            name = canonicalize_name(requirement.name)
            if (name, extra) not in seen:
                seen.add((name, extra))
                wanted = [Requirement(each) for each in metadata.requires(name) or []]
                waiting += [each for each in wanted if each.marker is None or each.marker.evaluate({"extra": extra})]
    return {name for name, _ in seen}


def test_what_the_code_imports_is_a_declared_requirement():
    packages = metadata.packages_distributions()
    declared = {canonicalize_name(Requirement(each).name) for each in RUNTIME}
    undeclared = {
        (file.relative_to(ROOT).as_posix(), name)
        for folder in ("app", "extensions", "paintbox_client")
        for file in (ROOT / folder).rglob("*.py")
        if "tests" not in file.parts and "testing" not in file.parts
        for name in imported_names(file)
        if not declared & {canonicalize_name(each) for each in packages.get(name, [name])}
    }
    assert undeclared == set()


def imported_names(file):
    """Top-level names of the third-party packages that a file imports anywhere in it."""
    nodes = list(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
    names = {alias.name.partition(".")[0] for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {(node.module or "").partition(".")[0] for node in nodes if isinstance(node, ast.ImportFrom) and not node.level}
    return names - sys.stdlib_module_names - {"app", "bootstrap", "extensions", "paintbox_client"}

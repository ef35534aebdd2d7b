"""webui.py answers any Python with a sentence and needs nothing but the standard library."""

import ast
import sys
from pathlib import Path

import pytest

import webui

ROOT = Path(webui.__file__).parent


@pytest.mark.parametrize("version", [(3, 11), (3, 12), (3, 13), (3, 14)])
def test_supported_pythons_are_let_through(version):
    assert webui.unsuitable(version) == ""


@pytest.mark.parametrize("version", [(3, 6), (3, 10), (3, 15), (4, 0)])
def test_other_pythons_are_told_which_to_install(version):
    complaint = webui.unsuitable(version)
    assert f"this is Python {version[0]}.{version[1]}" in complaint
    assert "3.11, 3.12, 3.13 or 3.14" in complaint


def test_an_old_python_gets_the_sentence_and_an_exit_code(monkeypatch, capsys):
    monkeypatch.setattr(sys, "version_info", (3, 10, 4))
    assert webui.main() == 1
    assert "this is Python 3.10" in capsys.readouterr().err


def test_webui_py_can_be_read_by_python_3_6():
    ast.parse((ROOT / "webui.py").read_text(encoding="utf-8"), feature_version=(3, 6))


@pytest.mark.parametrize("file", [ROOT / "webui.py", *sorted((ROOT / "bootstrap").glob("*.py"))], ids=lambda file: file.name)
def test_the_bootstrap_imports_the_standard_library_only(file):
    nodes = list(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
    assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names | {"bootstrap"}

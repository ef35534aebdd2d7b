"""The extension of docs/first-extension.md: installed as the page writes it, its own tests run, and it does what the page says of it."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from app import hookspecs
from app.api import Axis, GenerationRequest, PageSlot, Params, parse_infotext
from app.paths import CHECKOUT
from app.testing.hosts import HostMaker
from app.testing.source import forbidden_import, read_imports
from app.testing.web import running_client

PAGE = CHECKOUT / "docs" / "first-extension.md"
FILES = re.compile(r"^`(extensions/tint/[\w./]+)`\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = re.compile(r"^```(?!sh$)\w+$", re.MULTILINE)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The data folder's extension; a file that the page writes in several steps is put together."""
    text = PAGE.read_text(encoding="utf-8")
    steps = FILES.findall(text)
    assert len(steps) == len(BLOCKS.findall(text)), "a block of code without the name of its file"
    files = {name: "\n\n".join(code for file, code in steps if file == name) for name, _ in steps}
    for name, code in files.items():
        path = tmp_path / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(code, encoding="utf-8")
    return tmp_path / "data" / "extensions" / "tint"


def test_its_own_tests_pass(folder: Path, make_host: HostMaker) -> None:
    host = make_host("tint")
    assert (host.extensions.get("tint").error, host.extensions.get("tint").warnings) == ("", ())
    tests = importlib.import_module("extensions.tint.tests.test_tint")
    found = [test for name, test in vars(tests).items() if name.startswith("test_")]
    assert len(found) == 2
    for test in found:
        test(tests.host.__wrapped__(make_host))


def test_it_keeps_to_the_rules_for_imports(folder: Path) -> None:
    found = read_imports(folder, "tint")
    assert found and not [complaint for each in found if (complaint := forbidden_import(each, folder, "tint"))]
    assert not [file.name for file in folder.rglob("*.py") if not file.read_text(encoding="utf-8").startswith('"""')]


def test_control_setting_infotext_and_axes_follow(folder, make_host):
    host = make_host("tint", "xyz_plot", nowebui=True)
    params = host.params.get("tint")
    fields = parse_infotext("a house\nSteps: 1, Sampler: Euler, CFG scale: 7, Seed: 1, Size: 64x64, Tint: 0.2")
    assert params.model_validate(params.read_infotext(fields, host)).model_dump() == {"strength": 0.2}
    assert host.settings.options["tint_color"].control.kind == "color"
    axis: Axis = host.axes.get("Tint by name")
    assert axis.choices is not None and list(axis.choices()) == ["none", "slight", "strong"]
    assert axis.apply(GenerationRequest(), "strong").params == {"tint": {"strength": 0.6}}
    with running_client(host) as client:
        titles = {each["title"] for each in client.get("/paintbox/v1/xyz_plot/axes").json()}
    assert {"Tint", "Tint by name"} <= titles
    (panel,) = (each.value for each in host.hooks.collect(hookspecs.register_panels, host=host) if each.owner == "tint")
    drawn: list[type[Params]] = []
    panel.build(SimpleNamespace(form=SimpleNamespace(add_params=drawn.append)))
    assert panel.slot is PageSlot.GENERATION and drawn == [params]

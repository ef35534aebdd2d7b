"""``doctor``: each fault is named with its remedy, and a sound installation gets none."""

from __future__ import annotations

import socket
import sqlite3
import struct

import pytest

from app.__main__ import main
from app.cli.check_contents import check_config, check_extensions, check_journal, check_models
from app.cli.check_machine import check_disk, check_door, check_folders, check_packages, check_port, check_torch, read_pins
from app.paths import make_paths
from app.testing.hosts import forgetting_extensions
from app.values.options import StartOptions


def _wrong(findings) -> list[str]:
    return [f"{finding.text} {finding.remedy}" for finding in findings if finding.verdict == "wrong"]


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture
def paths(data):
    return make_paths(StartOptions(data_dir=str(data)))


@pytest.mark.parametrize(("options", "noted"), [({"listen": True}, 1), ({"listen": True, "secrets": ("x",)}, 0), ({}, 0)])
def test_a_door_without_a_password_is_noted(options, noted) -> None:
    assert [finding.verdict for finding in check_door(StartOptions(**options))] == ["note"] * noted


def test_a_broken_settings_file_and_an_invalid_value(make_host, data) -> None:
    data.joinpath("config.json").write_text('{"jpeg_quality": 5000}')
    assert "'jpeg_quality'" in _wrong(check_config(make_host()))[0]
    data.joinpath("config.json").write_text("{")
    assert "not valid JSON" in _wrong(check_config(make_host(role="worker")))[0]
    assert data.joinpath("config.json").read_text() == "{", "doctor changes nothing"


def test_a_quarantined_extension_with_its_reason(make_host, write_extension) -> None:
    write_extension("broken", "import no_such_module")
    text = _wrong(check_extensions(make_host("samplers", "broken")))[0]
    assert "broken" in text
    assert "no_such_module" in text
    assert "extensions disable broken" in text


def test_an_extension_that_fails_on_the_page_only(data, write_extension, capsys, monkeypatch) -> None:
    write_extension("broken", "from app.api import hookimpl\n\n@hookimpl\ndef register_tabs(host):\n    raise RuntimeError('no luck')\n")
    with forgetting_extensions():
        assert main(["doctor", "--data-dir", str(data)], {"PAINTBOX_ONLY_EXTENSIONS": "broken"}) == 1
    screen = capsys.readouterr().out
    assert "WRONG extension    broken: It failed in register_tabs: RuntimeError: no luck" in screen
    assert "Traceback" in screen
    assert "extensions disable broken" in screen


def test_model_files_that_are_cut_off_or_no_models(make_host, data) -> None:
    folder = data / "models" / "Stable-diffusion"
    folder.mkdir(parents=True)
    header = b'{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}'
    (folder / "cut.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + b"1234")
    (folder / "text.safetensors").write_text("version https://git-lfs.github.com/spec/v1\n")
    wrong = _wrong(check_models(make_host("stable_diffusion")))
    assert any("cut.safetensors" in line and "Download the file again" in line for line in wrong)
    assert any("text.safetensors" in line for line in wrong)
    assert any("none that can be used" in line and str(folder) in line for line in wrong)


def test_no_checkpoint_at_all(make_host, data) -> None:
    wrong = _wrong(check_models(make_host("stable_diffusion")))
    assert len(wrong) == 1
    assert str(data / "models" / "Stable-diffusion") in wrong[0]


def test_a_damaged_journal(paths) -> None:
    assert _wrong(check_journal(paths)) == []
    connection = sqlite3.connect(paths.database)
    connection.execute("CREATE TABLE t (x)")
    connection.close()
    assert _wrong(check_journal(paths)) == []
    paths.database.write_bytes(b"no database at all, and long enough to be looked at" * 40)
    assert "sets it aside" in _wrong(check_journal(paths))[0]


def test_a_busy_port() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        finding = check_port(StartOptions(port=port))
        assert finding.verdict == "wrong"
        assert str(port) in finding.text
    assert check_port(StartOptions(port=port)).verdict == "ok"


def test_folders_that_are_missing_or_cannot_be_written(paths, data, monkeypatch) -> None:
    assert _wrong(check_folders(paths)) == []
    (data / "outputs").write_text("a file where the folder should be")
    assert str(data / "outputs") in _wrong(check_folders(paths))[0]
    assert "does not exist" in _wrong(check_folders(make_paths(StartOptions(data_dir=str(data / "nowhere")))))[0]


def test_a_full_disk(paths, monkeypatch) -> None:
    from types import SimpleNamespace

    from app.cli import check_machine

    monkeypatch.setattr(check_machine.shutil, "disk_usage", lambda path: SimpleNamespace(free=1 << 20))
    assert "Make room" in _wrong(check_disk(paths))[0]


def test_packages_that_are_missing_or_of_another_version(tmp_path) -> None:
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "runtime.txt").write_text(
        "# comment\npluggy==0.1  # via x\nno-such-package==1.0 \\\n    --hash=sha256:abc\nwinonly==1 ; sys_platform == 'win32'\n"
        "nvidia-nothing==1\n"
    )
    findings = list(check_packages(tmp_path))
    assert ["no-such-package" in line for line in _wrong(findings)] == [True]
    assert any(finding.verdict == "note" and "pluggy" in finding.text for finding in findings)
    assert "winonly" not in str(findings)
    assert "nvidia" not in str(findings)
    assert read_pins(tmp_path / "absent.txt") == {}


@pytest.mark.parametrize(
    ("wanted", "answer", "words"),
    [
        ("cpu", "2.13.0+cpu False", None),
        ("cu130", "2.13.0+cpu False", "cannot use the graphics card"),
        ("cu130", "2.13.0+cu130 False", "does not reach the graphics card"),
        ("cu130", "2.13.0+cu130 True", None),
        ("cpu", "", "does not work"),
    ],
)
def test_torch_against_the_graphics_card(monkeypatch, wanted, answer, words) -> None:
    from types import SimpleNamespace

    from app.cli import check_machine
    from bootstrap.machine import TorchBuild

    version = answer.partition(" ")[0] or "2.13.0"
    monkeypatch.setattr(check_machine.metadata, "version", lambda name: version)
    monkeypatch.setattr(check_machine, "choose_build", lambda machine: TorchBuild(wanted, "Example GPU", ""))
    done = SimpleNamespace(stdout=answer, stderr="ImportError: libgomp.so.1")
    monkeypatch.setattr(check_machine.subprocess, "run", lambda *arguments, **options: done)
    wrong = _wrong(check_torch())
    assert (words is None) == (wrong == [])
    assert words is None or (words in wrong[0] and "reinstall" in wrong[0] or "driver" in wrong[0])


def test_the_whole_screen(tmp_path, capsys, monkeypatch) -> None:
    from app.cli import doctor as module

    monkeypatch.setattr(module, "check_torch", lambda: iter(()))
    code = main(["doctor", "--data-dir", str(tmp_path)], {"PAINTBOX_ONLY_EXTENSIONS": "stable_diffusion"})
    out = capsys.readouterr().out
    assert code == 1
    assert "WRONG checkpoint" in out
    assert "-> Put a .safetensors checkpoint there." in out
    assert len(out.splitlines()) < 25

"""What a bare Debian lacks is installed for root; everybody else is told the one command to type."""

import os
import sys

import pytest

from bootstrap import system_packages
from bootstrap.console import BootstrapError
from bootstrap.system_packages import apt_install, ensure_chromium, ensure_venv_module, venv_package

APT_GET = """#!{python}
import os, sys
folder = os.path.dirname(__file__)
with open(os.path.join(folder, "calls"), "a") as calls:
    calls.write(" ".join(sys.argv[1:]) + "|" + os.environ["DEBIAN_FRONTEND"] + "\\n")
if "update" in sys.argv:
    open(os.path.join(folder, "lists"), "w").close()
elif not os.path.exists(os.path.join(folder, "lists")) or "unheard-of" in sys.argv:
    sys.exit("E: Unable to locate package")
elif "chromium" in sys.argv and not os.path.exists(os.path.join(folder, "chromium")):
    os.symlink(sys.executable, os.path.join(folder, "chromium"))
"""

pytestmark = pytest.mark.skipif(os.name == "nt", reason="apt-get is Debian's")


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """The only folder that programs are looked for in."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


@pytest.fixture
def apt_calls(programs):
    """An apt-get that knows packages only after ``update``; gives what it was called with."""
    (programs / "apt-get").write_text(APT_GET.format(python=sys.executable))
    (programs / "apt-get").chmod(0o755)
    return lambda: (programs / "calls").read_text().splitlines()


def become(monkeypatch, *, root):
    monkeypatch.setattr(system_packages, "is_root", lambda: root)


def lack_ensurepip(monkeypatch, *, until=lambda: False):
    monkeypatch.setattr(system_packages, "_can_make_environments", until)


def test_package_lists_are_fetched_only_when_they_are_needed(apt_calls):
    apt_install(["python3-venv"])
    apt_install(["fonts-dejavu-core"])
    install = "install -y --no-install-recommends"
    assert apt_calls() == [
        f"{install} python3-venv|noninteractive",
        "update|noninteractive",
        f"{install} python3-venv|noninteractive",
        f"{install} fonts-dejavu-core|noninteractive",
    ]


def test_a_package_that_apt_does_not_have_is_named_with_what_apt_said(apt_calls):
    with pytest.raises(BootstrapError) as caught:
        apt_install(["unheard-of"])
    assert "unheard-of" in caught.value.what
    assert "Unable to locate package" in caught.value.what


def test_root_gets_the_venv_module_installed(apt_calls, programs, monkeypatch, capsys):
    become(monkeypatch, root=True)
    lack_ensurepip(monkeypatch, until=(programs / "lists").exists)
    ensure_venv_module()
    assert "-venv" in apt_calls()[-1]
    assert "ensurepip" in capsys.readouterr().out


def test_others_are_told_the_one_command(apt_calls, programs, monkeypatch):
    become(monkeypatch, root=False)
    lack_ensurepip(monkeypatch)
    with pytest.raises(BootstrapError) as caught:
        ensure_venv_module()
    assert "sudo apt-get install python3" in caught.value.remedy
    assert not (programs / "calls").exists()


def test_without_apt_the_missing_part_is_named(programs, monkeypatch):
    lack_ensurepip(monkeypatch)
    with pytest.raises(BootstrapError) as caught:
        ensure_venv_module()
    assert "ensurepip" in caught.value.what


def test_debian_names_the_package_after_the_python_unless_it_is_its_own():
    assert venv_package((3, 11), True) == "python3-venv"
    assert venv_package((3, 13), False) == "python3.13-venv"


def test_root_gets_chromium_and_a_font(apt_calls, programs, monkeypatch):
    become(monkeypatch, root=True)
    monkeypatch.setattr(system_packages, "DRIVER_LIBRARY", "libc.so.6")
    ensure_chromium()
    assert "chromium fonts-dejavu-core libatomic1" in apt_calls()[-1]
    before = apt_calls()
    ensure_chromium()
    assert apt_calls() == before


def test_a_library_that_the_driver_of_the_browser_lacks_is_installed_too(apt_calls, programs, monkeypatch):
    become(monkeypatch, root=True)
    (programs / "chromium").symlink_to(sys.executable)
    monkeypatch.setattr(system_packages, "DRIVER_LIBRARY", "libnobody-has-it.so.9")
    ensure_chromium()
    assert "libatomic1" in apt_calls()[-1]


def test_others_are_told_how_to_get_chromium_and_go_on(apt_calls, programs, monkeypatch, capsys):
    become(monkeypatch, root=False)
    ensure_chromium()
    assert "sudo apt-get install chromium fonts-dejavu-core libatomic1" in capsys.readouterr().out
    assert not (programs / "calls").exists()

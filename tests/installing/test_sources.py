"""What git may be given and what an archive may hold: everything else is refused with a sentence, and nothing is left behind."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import subprocess
import tarfile
import zipfile
from functools import partial

import pytest

from app.errors import UserError
from app.installing import unpacked_stream
from app.installing.addresses import GitRules, check_branch, check_folder_name, check_git_address, name_of_address, without_secrets
from app.installing.archive import Limits, name_of_archive, unpack
from app.installing.git import Git
from app.testing.installing import commit_files, write_files


@pytest.mark.parametrize(
    "address",
    [
        "http://github.com/a/b",
        "file:///etc",
        "/etc/passwd",
        "ext::sh -c touch% /tmp/x",
        "git@github.com:a/b.git",
        "ssh://github.com/a/b",
        "git://github.com/a/b",
        "--upload-pack=touch /tmp/x",
        "-https://github.com/a/b",
        "https://user:secret@github.com/a/b",
        "https://token@github.com/a/b",
        "https://localhost/a",
        "https://127.0.0.1/a",
        "https://127.1/a",
        "https://[::1]/a",
        "https://10.0.0.8/a",
        "https://169.254.169.254/latest",
        "https://2130706433/a",
        "https://router.local/a",
        "https://github.com/a b",
        "https://github.com/a\nb",
        "https://",
        "",
    ],
)
def test_git_is_given_addresses_out_on_the_internet_over_https_only(address) -> None:
    with pytest.raises(UserError) as raised:
        check_git_address(address, GitRules())
    assert raised.value.field == "url"
    assert "secret" not in str(raised.value)


def test_an_address_suggests_a_folder() -> None:
    assert check_git_address(" https://github.com/a/sd-thing.git ", GitRules()) == "https://github.com/a/sd-thing.git"
    assert name_of_address("https://github.com/a/sd-thing.git") == "sd-thing"
    assert name_of_archive("thing.zip", "sd-thing-main") == "sd-thing"
    assert without_secrets("https://me:pw@example.org/a") == "https://example.org/a"


@pytest.mark.parametrize("name", ["..", ".hidden", "a/b", "a\\b", "-x", "", "CON", "nul.txt", "a:b", "trailing.", "a" * 101])
def test_a_folder_has_a_plain_name(name) -> None:
    with pytest.raises(UserError):
        check_folder_name(name)


@pytest.mark.parametrize("branch", ["--upload-pack=x", "a b", "a..b", "x.lock", "-"])
def test_a_branch_has_a_plain_name(branch) -> None:
    with pytest.raises(UserError):
        check_branch(branch)


def test_git_speaks_no_other_protocol_than_the_rules_say(tmp_path) -> None:
    repository = tmp_path / "source"
    repository.mkdir()
    commit_files(repository, {"a": ""})
    with pytest.raises(UserError, match="https:// only"):
        Git().clone(f"file://{repository}", "", tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


def test_a_repository_runs_no_hook_and_brings_no_link(tmp_path, monkeypatch) -> None:
    repository, mark = tmp_path / "source", tmp_path / "ran"
    repository.mkdir()
    (repository / "link").symlink_to("/etc/passwd")
    commit_files(repository, {"a": "", ".gitmodules": '[submodule "x"]\n\tpath = x\n\turl = ext::sh -c id\n'})
    template = tmp_path / "template" / "hooks"
    template.mkdir(parents=True)
    hook = template / "post-checkout"
    hook.write_text(f"#!/bin/sh\ntouch {mark}\n")
    hook.chmod(0o755)
    subprocess.run(["git", "config", "--file", str(tmp_path / ".gitconfig"), "init.templateDir", str(template.parent)], check=True)
    monkeypatch.setenv("HOME", str(tmp_path))
    git = Git(GitRules(("file",)))
    git.clone(f"file://{repository}", "", tmp_path / "copy")
    assert not mark.exists()
    assert not (tmp_path / "copy" / "link").is_symlink()
    assert git.submodules(tmp_path / "copy") == ["ext::sh -c id"], "named, and not fetched"
    assert not (tmp_path / "copy" / "x").exists()


def test_a_folder_that_was_copied_here_names_no_program_to_run(tmp_path) -> None:
    folder, mark = tmp_path / "copied", tmp_path / "ran"
    folder.mkdir()
    commit = commit_files(folder, {"a": ""})
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch {mark}\n")
    program.chmod(0o755)
    run = partial(subprocess.run, cwd=folder, check=True, capture_output=True, text=True)
    signed = run(["git", "cat-file", "commit", commit]).stdout.replace("\n\n", "\ngpgsig -----BEGIN PGP SIGNATURE-----\n x\n\n", 1)
    commit = run(["git", "hash-object", "-t", "commit", "-w", "--stdin"], input=signed).stdout.strip()
    run(["git", "reset", "--quiet", "--hard", commit])
    for key, value in (("log.showSignature", "true"), ("gpg.program", str(program)), ("core.fsmonitor", str(program))):
        run(["git", "config", key, value])
    assert Git().facts(folder).commit == commit
    Git().move_to(folder, commit)
    assert not mark.exists()


def zipped(path, *entries):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize(
    "name",
    [
        "../evil",
        "a/../../evil",
        "/etc/evil",
        "C:/evil",
        "a\\..\\evil",
        ".git/config",
        "a/.GIT/hooks/x",
        "a/.git./x",
        "a\x01b",
        "nul",
        "a/con.txt",
        "dot./x",
        "GIT~1/config",
        "a/com1.txt",
        "a/.git\u200c/config",
        "a/\u202egnp.py",
        "a" * 256,
        "GOOD.txt",
    ],
)
def test_no_entry_leads_out_of_the_folder(tmp_path, name) -> None:
    archive = zipped(tmp_path / "a.zip", ("good.txt", "x"), (name, "x"))
    with pytest.raises(UserError, match="refused"):
        unpack(archive, tmp_path / "out")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.zip"]


def test_links_and_devices_are_refused(tmp_path) -> None:
    link = zipfile.ZipInfo("link")
    link.external_attr = 0o120777 << 16
    with pytest.raises(UserError, match="link or a device"):
        unpack(zipped(tmp_path / "a.zip", (link, "/etc/passwd")), tmp_path / "out")
    for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE):
        with tarfile.open(tmp_path / "a.tar", "w") as packed:
            info = tarfile.TarInfo("x")
            info.type, info.linkname = kind, "/etc/passwd"
            packed.addfile(info)
        with pytest.raises(UserError, match="link or a device"):
            unpack(tmp_path / "a.tar", tmp_path / "out")


def test_an_archive_holds_no_more_than_fits(tmp_path) -> None:
    bomb = zipped(tmp_path / "a.zip", ("zeros", b"\0" * 200_000))
    with pytest.raises(UserError, match="more than"):
        unpack(bomb, tmp_path / "out", Limits(bytes=100_000))
    with pytest.raises(UserError, match="more than 1 entries"):
        unpack(zipped(tmp_path / "b.zip", ("a", ""), ("b", "")), tmp_path / "out", Limits(files=1))
    with pytest.raises(UserError, match="there twice"):
        unpack(zipped(tmp_path / "c.zip", ("A", ""), ("a", "")), tmp_path / "out")
    lying = bytearray(bomb.read_bytes())
    place = lying.index(b"PK\x01\x02") + 24
    lying[place : place + 4] = (10).to_bytes(4, "little")
    (tmp_path / "lying.zip").write_bytes(lying)
    with pytest.raises(UserError):
        unpack(tmp_path / "lying.zip", tmp_path / "out", Limits(bytes=100_000))
    (tmp_path / "none.zip").write_bytes(b"no archive")
    with pytest.raises(UserError, match="neither"):
        unpack(tmp_path / "none.zip", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_tar_is_unpacked_without_its_one_folder(tmp_path) -> None:
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as packed:
        for name in ("mine/a.txt", "mine/sub/b.txt"):
            info = tarfile.TarInfo(name)
            info.size = 2
            packed.addfile(info, io.BytesIO(b"hi"))
    assert unpack(tmp_path / "a.tar.gz", tmp_path / "out") == "mine"
    assert (tmp_path / "out" / "sub" / "b.txt").read_text() == "hi"


def claiming(kind: bytes, size: int) -> bytes:
    """The header of a tar's entry that says it has so many bytes."""
    info = tarfile.TarInfo("x/big")
    info.type, info.size = kind, size
    return info.tobuf(tarfile.GNU_FORMAT)


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, bytes], ids=["gz", "bz2", "xz", "plain"])
@pytest.mark.parametrize("kind", [tarfile.REGTYPE, tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME], ids=["file", "pax", "longname"])
def test_a_small_tar_that_stands_for_much_is_not_unpacked(tmp_path, monkeypatch, pack, kind) -> None:
    monkeypatch.setattr(unpacked_stream, "LARGEST_READ", 4 * 1024 * 1024)
    monkeypatch.setattr(unpacked_stream, "ROOM_FOR_HEADERS", 1024 * 1024)
    archive = tmp_path / "a.tar"
    archive.write_bytes(pack(claiming(kind, 30_000_000) + bytes(30_000_000) + claiming(tarfile.REGTYPE, 0)))
    with pytest.raises(UserError, match="holds more than 10 MB"):
        unpack(archive, tmp_path / "out", Limits(bytes=10 * 1024 * 1024))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("suffix", ["gz", "bz2", "xz"])
def test_compressed_tars_are_unpacked_and_damaged_ones_refused(tmp_path, suffix) -> None:
    archive = tmp_path / f"a.tar.{suffix}"
    write_files(tmp_path / "source" / "mine", {"a.txt": "hello", "b/c.txt": "x"})
    with tarfile.open(archive, f"w:{suffix}") as packed:
        packed.add(tmp_path / "source" / "mine", "mine")
    assert unpack(archive, tmp_path / "out") == "mine"
    assert ((tmp_path / "out" / "a.txt").read_text(), (tmp_path / "out" / "b" / "c.txt").read_text()) == ("hello", "x")
    archive.write_bytes(archive.read_bytes()[:60])
    with pytest.raises(UserError, match="archive"):
        unpack(archive, tmp_path / "other")
    assert not (tmp_path / "other").exists()


def test_two_spellings_of_one_name_are_refused(tmp_path) -> None:
    archive = zipped(tmp_path / "a.zip", ("x/caf\u00e9.py", ""), ("x/cafe\u0301.py", ""))
    with pytest.raises(UserError, match="twice"):
        unpack(archive, tmp_path / "out")

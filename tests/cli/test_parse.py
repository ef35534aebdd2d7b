"""The command line as people type it and as A1111's start scripts have it."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.cli.flags import HOST_FLAGS, read_a1111_flags
from app.cli.parse import parse_command_line
from app.errors import UserError
from app.values.options import StartOptions


def _parse(text: str, environment=None, **more):
    return parse_command_line(text.split(), environment or {}, **more)


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("", "port", 7860),
        ("--port 7000", "port", 7000),
        ("--nowebui", "port", 7861),
        ("--nowebui --port 7000", "port", 7000),
        ("", "host_name", "127.0.0.1"),
        ("--listen", "host_name", "0.0.0.0"),
        ("--listen --server-name ::1", "host_name", "::1"),
        ("--listen", "is_exposed", True),
        ("--no-half", "precision", "full"),
        ("--no-half --precision autocast", "precision", "full"),
        ("--precision half --no-half", "precision", "full"),
        ("--disable-nan-check", "nan_check", False),
        ("--timeout-keep-alive 5", "timeout_keep_alive", 5),
        ("--precision autocast", "precision", "auto"),
        ("--precision half", "precision", "half"),
        ("--no-half-vae", "vae_precision", "full"),
        ("--use-cpu all", "device", "cpu"),
        ("--use-cpu sd interrogate --listen", "device", "cpu"),
        ("--use-cpu interrogate", "device", ""),
        ("--device-id 1", "device", "cuda:1"),
        ("--theme dark", "theme", "dark"),
        ("--skip-load-model-at-start", "preload_model", False),
        ("--no-hashing", "hash_models", False),
        ("--disable-extra-extensions", "safe_mode", True),
        ("--cors-allow-origins http://a.b,http://c.d", "cors_allow_origins", ("http://a.b", "http://c.d")),
        ("--gradio-allowed-path /a --gradio-allowed-path /b", "allowed_paths", ("/a", "/b")),
        ("--freeze-specific-settings n_rows,font", "locked_settings", ("n_rows", "font")),
        ("--set n_rows=2 --set samples_filename_pattern=a=b", "settings", {"n_rows": "2", "samples_filename_pattern": "a=b"}),
    ],
)
def test_flags_become_options(text, field, value) -> None:
    assert getattr(_parse(text).options, field) == value


def test_relative_folders_start_where_the_program_was_started(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert _parse("--models-dir weights").options.models_dir == str(tmp_path / "weights")


def test_typed_folders_start_where_the_user_is_and_those_of_the_start_script_in_the_checkout(tmp_path, monkeypatch) -> None:
    user, checkout = tmp_path / "user", tmp_path / "checkout"
    for folder in (user, checkout):
        folder.mkdir()
    monkeypatch.chdir(checkout)
    environment = {"PAINTBOX_CALLED_FROM": str(user), "COMMANDLINE_ARGS": "--gradio-allowed-path pictures --ckpt-dir weights"}
    options = _parse("--data-dir mine --models-dir ../shared --gradio-allowed-path seen", environment).options
    assert options.data_dir == str(user / "mine")
    assert Path(options.models_dir).resolve() == tmp_path / "shared"
    assert options.allowed_paths == (str(checkout / "pictures"), str(user / "seen"))
    assert options.flag("ckpt-dir") in (str(checkout / "weights"), [str(checkout / "weights")])


def test_flags_of_an_extension_in_a_relative_data_folder_are_known(tmp_path, monkeypatch) -> None:
    extension = tmp_path / "mine" / "extensions" / "loud"
    extension.mkdir(parents=True)
    (extension / "pyproject.toml").write_text(
        '[project]\nname = "loud"\nversion = "1"\ndescription = "Loud"\n[tool.paintbox]\nhost = ">=1"\n'
        '[[tool.paintbox.flags]]\nname = "loud"\nkind = "switch"\nhelp = "be loud"\n'
    )
    assert _parse("--data-dir mine --loud", {"PAINTBOX_CALLED_FROM": str(tmp_path)}).options.flag("loud") is True


def test_a_typical_start_script() -> None:
    environment = {
        "COMMANDLINE_ARGS": "--xformers --medvram --api --ckpt-dir '/models/my checkpoints' --autolaunch --port 7000 --no-half-vae"
    }
    line = _parse("--port 7001", environment)
    assert line.options.autolaunch
    assert line.options.port == 7001
    assert line.options.vae_precision == "full"
    assert sorted(note.partition(" ")[0] for note in line.notes) == ["--api", "--xformers"]
    assert line.options.flag("medvram") is True
    assert line.options.flag("ckpt-dir") == ["/models/my checkpoints"]


@pytest.mark.parametrize(("text", "notes"), [("interrogate", ["interrogate"]), ("sd gfpgan", ["gfpgan"]), ("all", [])])
def test_parts_that_cannot_be_moved_to_the_processor_are_named(text, notes) -> None:
    found = _parse(f"--use-cpu {text}").notes
    assert [note.partition(" has no effect")[0] for note in found] == [f"--use-cpu {name}" for name in notes]


def test_a_new_torch_is_not_said_to_have_no_effect() -> None:
    assert _parse("--reinstall-torch").notes == ()


def test_quotes_that_do_not_end_are_named() -> None:
    with pytest.raises(UserError, match="COMMANDLINE_ARGS cannot be read"):
        _parse("", {"COMMANDLINE_ARGS": "--ckpt-dir 'x"})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("--prot 7000", r"There is no flag --prot\. Did you mean --port\?"),
        ("--no-haf", r"Did you mean --no-half\?"),
        ("--ckpt-di /x", r"Did you mean --ckpt-dir\?"),
        ("--port=abc", "--port: invalid int value: 'abc'"),
        ("--port 0", "--port 0 is not a port"),
        ("--theme blue", "--theme: invalid choice: 'blue'"),
        ("--set n_rows", "--set 'n_rows' is not KEY=VALUE"),
        ("serv", "'serv' is neither a command nor a flag"),
        ("--share", "--share is not available.*--listen"),
        ("--ngrok token", "--ngrok is not available"),
    ],
)
def test_what_cannot_be_used_is_named_with_a_remedy(text, message) -> None:
    with pytest.raises(UserError) as caught:
        _parse(text)
    import re

    assert re.search(message, str(caught.value))


def test_unknown_flags_are_ignored_on_demand() -> None:
    assert "--what" in _parse("--what", {"IGNORE_CMD_ARGS_ERRORS": "1"}).notes[0]


def _documented_flags() -> set[str]:
    """The flags of A1111's table, as far as it is recorded here: what start scripts may contain."""
    unneeded, refused = read_a1111_flags()
    return {flag.name for flag in unneeded} | {flag.name for flag in refused}


def test_no_flag_stands_in_the_table_twice() -> None:
    unneeded, refused = read_a1111_flags()
    names = [*(flag.name for flag in unneeded), *(flag.name for flag in refused)]
    assert len(names) == len(set(names))


def test_no_flag_is_both_used_and_without_effect() -> None:
    assert {flag.name for flag in HOST_FLAGS} & _documented_flags() == set()


def test_every_unneeded_flag_is_accepted_and_answered_with_one_line() -> None:
    unneeded, _ = read_a1111_flags()
    words = [word for flag in unneeded for word in ([f"--{flag.name}", "1"] if flag.takes_value else [f"--{flag.name}"])]
    line = parse_command_line(words, {})
    answered = {note.partition(" ")[0].removeprefix("--") for note in line.notes}
    assert {flag.name for flag in unneeded} - answered == set(line.options.flags) & {flag.name for flag in unneeded}
    assert not any("\n" in note for note in line.notes)


def test_options_travel_to_the_worker_as_json() -> None:
    options = _parse("--listen --theme dark --set n_rows=2 --ckpt-dir /a").options
    assert StartOptions.model_validate_json(options.model_dump_json()) == options


MANIFEST = """
[project]
name = "x"
version = "1"
description = "d"
[tool.paintbox]
host = ">=1"
[[tool.paintbox.flags]]
name = "secret-words"
secret = true
help = "words"
[[tool.paintbox.flags]]
name = "extra-place"
kind = "path"
repeat = true
aliases = ["place"]
help = "places"
[[tool.paintbox.flags]]
name = "port"
help = "not for an extension"
"""


@pytest.fixture
def with_flags(tmp_path) -> Path:
    folder = tmp_path / "extensions" / "mine"
    folder.mkdir(parents=True)
    (folder / "pyproject.toml").write_text(MANIFEST)
    return tmp_path


def test_extensions_declare_flags_but_cannot_take_the_hosts(with_flags) -> None:
    line = _parse(f"--data-dir {with_flags} --extra-place /a --place /b --port 7000")
    assert line.options.flag("extra-place") == ["/a", "/b"]
    assert line.options.flag("secret-words") is None
    assert line.options.port == 7000


def test_secrets_are_known_to_the_log_and_unknown_to_the_worker(with_flags) -> None:
    line = _parse(f"--data-dir {with_flags} --secret-words anna:hunter2,bob:tr0ub4dor")
    assert {"hunter2", "tr0ub4dor", "anna:hunter2"} <= set(line.options.secrets)
    assert line.secret_owners == {"secret-words": "mine"}
    passed_on = line.options.without_secrets().model_dump_json()
    assert "hunter2" not in passed_on
    assert "tr0ub4dor" not in passed_on
    assert line.options.without_secrets().data_dir == str(with_flags)

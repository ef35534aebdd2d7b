"""Starting: the port, and passwords without an extension that asks for them."""

from __future__ import annotations

import signal
import socket

import pytest

from app.__main__ import main
from app.cli.serve import refuse_without_guard, warn_of_open_door
from app.errors import UserError
from app.net import network_address, open_socket, page_address
from app.values.options import StartOptions


@pytest.fixture
def busy_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


def test_a_busy_port_is_named_with_the_way_out(busy_port, capsys, tmp_path) -> None:
    before = signal.getsignal(signal.SIGTERM)
    code = main(["--port", str(busy_port), "--data-dir", str(tmp_path)], {})
    said = capsys.readouterr().err
    assert code == 1
    assert f"The port {busy_port} is in use" in said
    assert f"--port {busy_port + 1}" in said
    assert "Traceback" not in said
    assert signal.getsignal(signal.SIGTERM) is before


def test_an_address_that_does_not_exist_is_named() -> None:
    with pytest.raises(UserError, match="no.such.host.invalid"):
        open_socket(StartOptions(server_name="no.such.host.invalid"))


@pytest.mark.parametrize(
    ("options", "address"),
    [
        ({}, "http://127.0.0.1:7860"),
        ({"listen": True}, "http://127.0.0.1:7860"),
        ({"server_name": "::1", "port": 80}, "http://[::1]:80"),
        ({"server_name": "box.local", "tls_certfile": "c"}, "https://box.local:7860"),
    ],
)
def test_the_address_to_type(options, address) -> None:
    assert page_address(StartOptions(**options)) == address


def test_a_password_nobody_asks_for_stops_the_start(make_host, write_extension) -> None:
    write_extension("guard", "raise ValueError('broken')")
    write_extension("working_guard", "")
    host = make_host("guard", "working_guard")
    refuse_without_guard(host, {"gradio-auth": "working_guard"})
    with pytest.raises(UserError, match="--gradio-auth was given, but the extension 'guard'.*not in use.*broken"):
        refuse_without_guard(host, {"gradio-auth": "guard"})


@pytest.mark.parametrize(
    ("options", "warned"),
    [
        ({"listen": True}, "page"),
        ({}, ""),
        ({"listen": True, "flags": {"api-auth": "ann:secret"}}, "page"),
        ({"listen": True, "flags": {"gradio-auth": "ann:secret"}}, ""),
        ({"listen": True, "nowebui": True}, "API"),
        ({"listen": True, "nowebui": True, "flags": {"api-auth": "ann:secret"}}, ""),
    ],
)
def test_an_open_door_is_logged(make_host, caplog, options, warned) -> None:
    host = make_host("passwords", **options)
    with host.running():
        warn_of_open_door(host)
    assert [word for word in ("page", "API") if f"The {word} listens on 0.0.0.0 without a password" in caplog.text] == warned.split()


@pytest.mark.parametrize("arguments", [["--prot", "1"], ["worker"], ["extensions", "info", "zzz"], ["extensions", "bisect"]])
def test_wrong_commands_answer_with_a_sentence(arguments, capsys) -> None:
    assert main(arguments, {}) == 1
    said = capsys.readouterr().err
    assert said.strip()
    assert "Traceback" not in said


def test_a_data_folder_that_is_not_there_is_named(capsys, tmp_path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert main(["--port", str(port), "--data-dir", str(tmp_path / "nowhere")], {}) == 1
    assert "nowhere does not exist" in capsys.readouterr().err


def test_other_machines_are_told_an_address_only_where_they_can_reach_the_page():
    assert network_address(StartOptions()) == ""
    assert network_address(StartOptions(server_name="paint.example", port=80)) == "http://paint.example:80"
    assert not network_address(StartOptions(listen=True)).startswith(("http://0.0.0.0", "http://127."))

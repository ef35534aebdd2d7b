"""What the API's own command-line flags do."""

from __future__ import annotations

import logging
import signal
from pathlib import Path

import pytest

from app.api import WANTS_RESTART
from app.testing.hosts import temporary_host
from app.testing.web import running_client
from extensions.a1111_api.tests.conftest import Api


@pytest.mark.parametrize(("path", "status"), [("samplers", 200), ("progress?skip_current_image=odd", 422)])
def test_api_log_writes_a_line_for_every_call(api: Api, caplog: pytest.LogCaptureFixture, path: str, status: int) -> None:
    with caplog.at_level(logging.INFO):
        api.get(path)
    [line] = [record.getMessage() for record in caplog.records if record.getMessage().startswith("API ")]
    assert line.startswith(f"API GET /sdapi/v1/{path.partition('?')[0]} {status} ")


def test_calls_without_credentials_are_logged_too(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    for flag, lines in ((True, ["API GET /sdapi/v1/loras 401"]), (False, [])):
        flags = {"api-auth": "me:pw1", "api-log": flag}
        host = temporary_host(tmp_path, ("a1111_api", "lora", "passwords"), options={"nowebui": True, "flags": flags})
        caplog.clear()
        with caplog.at_level(logging.INFO), running_client(host) as client:
            client.get("/sdapi/v1/loras")
        said = [record.getMessage() for record in caplog.records]
        assert [" ".join(line.split()[:4]) for line in said if line.startswith("API ")] == lines


def test_a_refused_request_is_logged_with_its_status(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        api.post("options", {"jpeg_quality": 1000})
    assert "API POST /sdapi/v1/options 422 " in caplog.text


@pytest.mark.parametrize("name", ["server-kill", "server-stop"])
def test_a_client_ends_the_program_as_ctrl_c_does(api: Api, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    raised: list[int] = []
    monkeypatch.setattr(signal, "raise_signal", raised.append)
    assert api.post(name).text == "Stopping."
    assert raised == [signal.SIGINT]


def test_a_restart_ends_the_program_with_the_wish_for_it(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    signals: list[int] = []
    monkeypatch.setattr(signal, "raise_signal", signals.append)
    answer = api.post("server-restart")
    assert (answer.status_code, answer.text, signals) == (200, "Restarting.", [signal.SIGINT])
    assert api.host.stash[WANTS_RESTART]
    del api.host.stash[WANTS_RESTART]


def test_where_nobody_would_start_it_again_a_restart_is_refused(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("extensions.a1111_api.routes.can_restart", lambda: False)
    answer = api.post("server-restart")
    assert answer.status_code == 501 and WANTS_RESTART not in api.host.stash

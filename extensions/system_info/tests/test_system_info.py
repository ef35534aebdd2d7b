"""The report: what it names, that no secret is in it, and that a change of it is seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.api import Host
from app.testing import HostMaker
from app.testing.web import running_client

SECRETS = """
from pydantic import BaseModel, Field
from app.api import SettingsSection, hookimpl

class Mine(BaseModel):
    my_code: str = Field("", title="My code", json_schema_extra={"secret": True})
    my_api_key: str = Field("", title="Forgotten to be marked")
    my_address: str = Field("", title="Address")

@hookimpl
def register_settings(host):
    return [SettingsSection("mine", "Mine", Mine)]
"""


@pytest.fixture
def host(make_host: HostMaker, write_extension: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> Host:
    monkeypatch.setenv("COMMANDLINE_ARGS", "--port 7999 --gradio-auth me:word-of-env")
    write_extension("mine", SECRETS)
    return make_host("system_info", "mine", nowebui=True, secrets=("me:word-of-line",), flags={"gradio-auth": ["me:word-of-line"]})


@pytest.fixture
def client(host: Host) -> Iterator[TestClient]:
    with running_client(host) as client:
        yield client


def test_it_names_what_matters_and_no_secret(client: TestClient, host: Host) -> None:
    host.settings.set(
        {"my_code": "secret-code", "my_api_key": "secret-key", "my_address": "https://me:secret-login@somewhere/x", "n_rows": 3}
    )
    answer = client.get("/internal/sysinfo")
    report = answer.json()
    assert report["Settings that are not the defaults"]["n_rows"] == 3
    assert [each["id"] for each in report["Extensions"]].count("system_info") == 1
    assert any(package.startswith("fastapi==") for package in report["Packages"])
    for secret in ("secret-code", "secret-key", "secret-login", "word-of-line", "word-of-env"):
        assert secret not in answer.text
    assert "somewhere/x" in answer.text and "--port 7999" in answer.text


def test_a_changed_report_is_seen(client: TestClient) -> None:
    text = client.get("/internal/sysinfo-download").text
    for sent, valid in ((text, True), (text.replace("Paintbox", "Other"), False), ("{", False), ("[]", False)):
        assert client.post("/paintbox/v1/sysinfo/check", json={"text": sent}).json() == {"valid": valid}
    assert "sysinfo-" in client.get("/internal/sysinfo-download").headers["content-disposition"]


def test_the_parts_of_the_start_have_their_times(client: TestClient) -> None:
    times = client.get("/internal/profile-startup").json()
    assert times["records"]["load extension system_info"] >= 0 and times["total"] >= max(times["records"].values())

"""Who may change model files: people at this machine, accounts that are named, or everybody where the command line says so."""

from __future__ import annotations

from typing import Any

import pytest

from app.testing.hosts import HostMaker
from app.testing.web import running_client
from app.values.options import StartOptions
from app.web.access import MODEL_FILES, access_of
from app.web.at_machine import is_direct

HERE = {"host": "127.0.0.1:7860"}
FAR = (
    {"x-forwarded-for": "10.0.0.9"},
    {"x-forwarded-host": "paintbox.example"},
    {"x-forwarded-proto": "https"},
    {"forwarded": "for=10.0.0.9"},
    {"via": "1.1 proxy"},
    {"x-real-ip": "10.0.0.9"},
    {"x-client-ip": "10.0.0.9"},
    {"cf-connecting-ip": "10.0.0.9"},
    {"true-client-ip": "10.0.0.9"},
    {"host": "paintbox.example"},
    {"host": "192.168.1.5:7860"},
    {"host": "127.0.0.1.example:7860"},
    {"host": ""},
    {"origin": "https://paintbox.example"},
)
TOOLS = ("merge", "convert", "extract-lora", "bake-loras", "uploads", "downloads")
JOBS = ("merge_checkpoints", "convert_model", "extract_lora", "bake_loras", "download_model")
CHANGES = (("PUT", "notes"), ("POST", "preview"), ("POST", "preview/undo"))


@pytest.mark.parametrize("headers", FAR, ids=str)
def test_what_comes_through_others_is_not_from_here(headers: dict[str, str]) -> None:
    assert is_direct("127.0.0.1", HERE) and not is_direct("127.0.0.1", HERE | headers)


def test_the_other_end_of_the_connection_must_be_here() -> None:
    here = {"127.0.0.1": True, "127.8.8.8": True, "::1": True, "::ffff:127.0.0.1": True, "192.168.1.5": False, "::ffff:10.0.0.1": False}
    assert {address: is_direct(address, HERE) for address in (*here, "")} == {**here, "": False}
    names = ("localhost", "localhost:7860", "[::1]:7860", "me.localhost:7860")
    assert all(is_direct("::1", {"host": name, "origin": f"http://{name}"}) for name in names)
    assert not is_direct("127.0.0.1", HERE, "1.0"), "as nginx asks when nobody has told it otherwise"


def test_accounts_may_when_they_are_named() -> None:
    options = StartOptions(model_file_users=("anna", "bob"))
    assert [access_of(MODEL_FILES, user, True, options).allowed for user in ("anna", "bob", "eve", "")] == [True, True, False, True]
    assert access_of(MODEL_FILES, "anna", False, options).allowed and not access_of(MODEL_FILES, "", False, options).allowed
    assert "--model-file-users eve" in access_of(MODEL_FILES, "eve", True, options).reason
    assert access_of(MODEL_FILES, "eve", False, StartOptions(open_model_files=True)).allowed


def test_every_tool_that_writes_model_files_asks(make_host: HostMaker) -> None:
    host = make_host("model_files", "checkpoint_merger", "lora_tools", "model_conversion", "extra_networks", nowebui=True, listen=True)
    with running_client(host) as client:
        far = {"X-Forwarded-Proto": "https"}
        assert client.get("/paintbox/v1/models/access").json() == {"allowed": True, "reason": ""}
        assert client.get("/paintbox/v1/models/access", headers=far).json()["allowed"] is False
        asked = [("POST", f"/paintbox/v1/models/{tool}") for tool in TOOLS]
        asked += [(method, f"/paintbox/v1/networks/lora/{path}") for method, path in CHANGES]
        for method, path in asked:
            refused = client.request(method, path, json={}, headers=far)
            assert refused.status_code == 403 and "--enable-model-file-access" in refused.json()["detail"], path
            assert client.request(method, path, json={}).status_code == 422, path
        for kind in JOBS:
            entrance = client.post("/paintbox/v1/jobs", json={"kind": kind, "request": {}})
            assert entrance.status_code == 403 and "/paintbox/v1/models/" in entrance.json()["detail"]


@pytest.mark.parametrize("path", ["/paintbox/v1/models/access", "/paintbox/v1/extensions"])
def test_a_key_without_a_name_has_no_more_rights_than_an_account(make_host: HostMaker, path: str) -> None:
    names = ("openai_api", "passwords", "extension_manager")
    key = {"Authorization": "Bearer sk-one"}

    def allowed(client: Any) -> bool:
        answer = client.get(path, headers=key).json()
        return bool(answer.get("access", answer)["allowed"])

    with running_client(make_host(*names, nowebui=True, flags={"api-key": ["sk-one"]})) as client:
        assert allowed(client), "at this machine, and there are no accounts"
    with running_client(make_host(*names, nowebui=True, flags={"api-key": ["sk-one"], "gradio-auth": "ann:a"})) as client:
        assert not allowed(client)

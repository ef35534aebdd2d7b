"""The OpenAPI description keeps its word: whatever is made up from it, sensible or not, is answered, and never with an error of ours."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.testing.executors import ExecutorPlugin
from app.testing.hosts import temporary_host
from app.web.server import create_app
from tests.web.openapi_cases import BASE, Made, operations, send_made_up
from tests.web.staged import StagedExecutor

pytestmark = pytest.mark.slow

EXAMPLES = 2
"""For each operation, of what fits the description and of what does not."""
SLOW = frozenset({"GET /paintbox/v1/localization/template"})
"""It draws the whole page to collect its texts; its own tests ask it."""
FORESEEN = frozenset({501, 503, 507})
"""Answers that say why: not possible here, full, no room on the disk."""


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """A site with all extensions, where everybody may do everything, no name leads anywhere, and jobs end at once."""

    def no_names(*args: Any, **more: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "There are no names here.")

    monkeypatch.setattr(socket, "getaddrinfo", no_names)
    options = {"settings": {"executor": "staged"}, "nowebui": True, "open_model_files": True}
    host = temporary_host(tmp_path, None, options=options)
    executor = StagedExecutor(tmp_path / "pictures")
    executor.on_submit = lambda job: threading.Thread(target=executor.finish, daemon=True).start()
    host.hooks.register("staged", ExecutorPlugin(executor))
    with host.running():
        app = create_app(host)
        with TestClient(app, base_url=BASE, raise_server_exceptions=False, follow_redirects=False, client=("127.0.0.1", 50000)) as running:
            yield running


def test_no_request_made_up_from_the_description_is_an_error_of_ours(client: TestClient) -> None:
    description = client.get("/openapi.json").json()
    faults: list[str] = []
    answered: set[str] = set()

    def send(made: Made) -> None:
        answer = client.request(made.method, made.url, headers=made.headers, content=made.body)
        if answer.status_code >= 500 and answer.status_code not in FORESEEN:
            faults.append(f"{answer.status_code} {answer.text[:300]} to {made}")

    for operation in operations(description):
        if operation.label in SLOW:
            continue
        send_made_up(operation, send, EXAMPLES)
        answered.add(operation.label)
    assert faults == []
    assert {"POST /sdapi/v1/txt2img", "POST /paintbox/v1/jobs", "POST /v1/images/generations"} <= answered

"""A host with the API and two tiny checkpoints, and a client of it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from app.testing.hosts import temporary_host
from app.testing.inline import InlineExecutor
from app.testing.web import running_client, with_tiny_worker

CHECKS_OF_THE_FIRST_STEP = 3
"""Check points that a job has passed when the first step of its first batch is done."""


@dataclass
class Api:
    """A running host seen from outside."""

    host: Any
    client: Any
    worker: InlineExecutor

    def post(self, path: str, body: Any = None, **more: Any) -> Any:
        return self.client.post(f"/sdapi/v1/{path}", json=body, **more)

    def get(self, path: str) -> Any:
        return self.client.get(f"/sdapi/v1/{path}")

    def draw(self, **body: Any) -> dict[str, Any]:
        answer = self.post("txt2img", {"prompt": "a cat", "steps": 2, **body})
        assert answer.status_code == 200, answer.text
        result: dict[str, Any] = answer.json()
        return result

    @contextmanager
    def drawing(self, **body: Any) -> Iterator[dict[str, Any]]:
        """Hold a drawing request in the midst of its steps; its answer is in the yielded dictionary after the block."""
        answer: dict[str, Any] = {}
        self.worker.hold.clear()
        self.worker.free_checks = CHECKS_OF_THE_FIRST_STEP
        started = threading.Event()
        unsubscribe = self.host.jobs.subscribe(lambda event: started.set() if getattr(event, "step", 0) else None)
        thread = threading.Thread(target=lambda: answer.update(self.draw(**body)))
        thread.start()
        try:
            assert started.wait(timeout=60), "the job did not begin"
            yield answer
        finally:
            self.worker.hold.set()
            thread.join(timeout=60)
            unsubscribe()
            self.worker.free_checks = 0


def info_of(answer: dict[str, Any]) -> dict[str, Any]:
    """The info of an answer, which is JSON in a string."""
    info: dict[str, Any] = json.loads(answer["info"])
    return info


@contextmanager
def running_api(folder: Path, *more: str) -> Iterator[Api]:
    """A host with the API, and with further extensions."""
    folder.mkdir(parents=True, exist_ok=True)
    host = temporary_host(
        folder, ("a1111_api", "samplers", "noise_schedules", *more), options={"nowebui": True, "flags": FLAGS, "secrets": ["pw1"]}
    )
    worker = with_tiny_worker(host, "first.safetensors", "second.safetensors")
    with running_client(host) as client:
        yield Api(host, client, worker)


FLAGS = {"gradio-auth": ["me:pw1"], "ckpt-dir": [], "api-log": True, "api-server-stop": True}


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """Shared by the tests of a module, which leave its settings and files as they found them."""
    with running_api(tmp_path_factory.mktemp("api") / "data") as running:
        yield running


@pytest.fixture
def fresh_api(tmp_path: Path) -> Iterator[Api]:
    """For tests that change settings or files."""
    with running_api(tmp_path / "data") as running:
        yield running

"""A client has the program started again: the same process, a new start, and nothing left of the old one."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import httpx
import psutil
import pytest

from tests.e2e.server import running_program

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="there the start script does it")]
WAIT_S = 120


def test_the_program_starts_again_when_a_client_asks_for_it(tmp_path: Path) -> None:
    with running_program(tmp_path, "--api-server-stop", "--skip-load-model-at-start") as program, program.client() as client:
        before = client.get("/app_id").json()["app_id"]
        workers = psutil.Process(program.process.pid).children(recursive=True)
        assert client.post("/sdapi/v1/server-restart").text == "Restarting."
        deadline, after = time.monotonic() + WAIT_S, before
        while after == before and time.monotonic() < deadline:
            assert program.process.poll() is None, program.log.read_text()
            try:
                after = client.get("/app_id").json()["app_id"]
            except httpx.TransportError:
                time.sleep(0.05)
        assert after != before
        _, alive = psutil.wait_procs(workers, timeout=20)
        assert [process for process in alive if process.status() != psutil.STATUS_ZOMBIE] == []
        assert client.get("/sdapi/v1/sd-models").status_code == 200

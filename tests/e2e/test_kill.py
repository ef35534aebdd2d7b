"""The whole program, or its worker, is killed in the middle of a picture: nothing is left behind, and what waits is drawn."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.e2e.server import running_program

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is of POSIX")]
WAIT_S = 120


def _submit(client: httpx.Client, **request: Any) -> str:
    answer = client.post("/paintbox/v1/jobs", json={"request": {"prompt": "a cat", "steps": 2, "width": 64, "height": 64, **request}})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def _until(client: httpx.Client, job: str, reached: Any) -> dict[str, Any]:
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline:
        told: dict[str, Any] = client.get(f"/paintbox/v1/jobs/{job}").json()
        if reached(told):
            return told
        time.sleep(0.02)
    raise AssertionError(f"it stayed {told}")


def test_after_a_kill_finished_jobs_are_listed_queued_ones_run_and_the_running_one_is_marked(tmp_path: Path) -> None:
    with running_program(tmp_path) as program, program.client() as client:
        finished = _submit(client, seed=1)
        _until(client, finished, lambda job: job["state"] == "done")
        running, waiting = _submit(client, seed=2, steps=150, batch_count=50), _submit(client, seed=3)
        _until(client, running, lambda job: job["state"] == "running" and (job["progress"] or {}).get("step"))
        children = psutil.Process(program.process.pid).children(recursive=True)
        assert children
        program.process.kill()
        program.process.wait()
        _, alive = psutil.wait_procs(children, timeout=20)
        assert [process for process in alive if process.status() != psutil.STATUS_ZOMBIE] == []
    with running_program(tmp_path) as program, program.client() as client:
        assert _until(client, waiting, lambda job: job["state"] == "done")["result"]["images"]
        listed = {job["id"]: job for job in client.get("/paintbox/v1/jobs").json()}
        assert {name: listed[name]["state"] for name in (finished, running, waiting)} == {
            finished: "done",
            running: "interrupted",
            waiting: "done",
        }
        assert "Paintbox ended" in listed[running]["error"]
        (picture,) = listed[finished]["result"]["images"]
        assert client.get(picture["url"]).headers["content-type"] == "image/png"


def test_after_a_kill_of_the_worker_the_page_stays_the_job_is_told_failed_and_the_next_one_draws(tmp_path: Path) -> None:
    with running_program(tmp_path) as program, program.client() as client:
        running, waiting = _submit(client, seed=2, steps=150, batch_count=50), _submit(client, seed=3)
        _until(client, running, lambda job: job["state"] == "running" and (job["progress"] or {}).get("step"))
        (worker,) = psutil.Process(program.process.pid).children()
        worker.kill()
        told = _until(client, running, lambda job: job["state"] == "failed")
        assert "signal 9" in told["error"]
        assert client.get("/internal/ping").status_code == 200
        assert _until(client, waiting, lambda job: job["state"] == "done")["result"]["images"]
        assert [each.pid for each in psutil.Process(program.process.pid).children()] != [worker.pid]

"""The web process is killed: its worker ends with it, whatever it is doing, and the next start takes up what is left."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from app.api import JobState, UserError

ENDLESS = 10_000_000
ROOT = Path(__file__).parents[3]
WEB_PROCESS = """
import json, sys
from pathlib import Path
from app.testing.hosts import temporary_host

host = temporary_host(Path(sys.argv[1]), ["local_executor", "workload"], options={"device": "cpu", "preload_model": False})
with host.running():
    def submit(**task):
        return host.jobs.submit("workload", task, owner="anna", settings={}).id
    finished = submit()
    host.jobs.wait(finished)
    running, waiting = submit(**json.loads(sys.argv[2])), submit(steps=2)
    host.jobs.subscribe(lambda event: event.type == "progress" and event.job_id == running and print(
        json.dumps({"worker": host.executors.get("local").pid, "jobs": [finished, running, waiting]}), flush=True))
    sys.stdin.read()
"""
pytestmark = [pytest.mark.e2e, pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is of POSIX")]


@pytest.mark.parametrize("task", [{"steps": ENDLESS}, {"act": "hang"}], ids=["in its steps", "in a long call"])
def test_no_orphan_is_left_and_the_next_start_takes_up_the_rest(workload, open_bench, tmp_path, task):
    command = [sys.executable, "-c", WEB_PROCESS, str(tmp_path / "data"), json.dumps(task)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as web:
        told = json.loads(web.stdout.readline())
        worker = psutil.Process(told["worker"])
        web.kill()
    _, alive = psutil.wait_procs([worker], timeout=10)
    assert all(process.status() == psutil.STATUS_ZOMBIE for process in alive), "the worker outlived the web process"
    finished, running, waiting = told["jobs"]
    with open_bench() as bench:
        assert bench.queue.get(finished).state is JobState.DONE
        cut_off = bench.queue.get(running)
        assert (cut_off.state, cut_off.error) == (JobState.INTERRUPTED, "Paintbox ended while this job ran.")
        assert bench.queue.wait(waiting, 60).state is JobState.DONE


def test_a_second_paintbox_on_the_same_data_folder_is_refused(bench, open_bench):
    with pytest.raises(UserError, match="Another Paintbox.*already uses the data folder"), open_bench():
        pass
    assert bench.run().state is JobState.DONE

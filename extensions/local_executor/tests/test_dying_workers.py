"""Programs that are no good as workers: the executor does not start them for ever, and says why."""

from __future__ import annotations

import queue
import sys
import time
from contextlib import contextmanager

import pytest

from app.api import Job, JobCancelled, JobFailed, WorkerStatus
from extensions.local_executor.executor import LocalExecutor
from extensions.local_executor.guard import CrashGuard
from extensions.local_executor.launch import WORKER_ENVIRONMENT, Launch, worker_launch
from extensions.local_executor.reason import ending_reason

WAIT_S = 30


class Watched:
    """An executor on a small program, and what it told."""

    def __init__(self, program, folder):
        command = (program,) if program.startswith("/") else (sys.executable, "-c", program)
        self.events = queue.Queue()
        self.executor = LocalExecutor(Launch(command, {}, folder), lambda: 1.0)
        self.executor.start(self.events.put)

    def until(self, wanted):
        seen = []
        while True:
            seen.append(self.events.get(timeout=WAIT_S))
            if wanted(seen[-1]):
                return seen


@pytest.fixture
def watch(tmp_path):
    made = []

    def start(program):
        made.append(Watched(program, tmp_path))
        return made[-1]

    yield start
    for watched in made:
        watched.executor.close()


def _given_up(event):
    return isinstance(event, WorkerStatus) and "too often" in event.message


def test_a_program_that_always_dies_is_started_three_times_and_once_more_for_a_job(watch):
    watched = watch("import sys; sys.exit('no module named torch')")
    seen = watched.until(_given_up)
    assert [event.state for event in seen] == ["starting", "stopped"] * 3
    assert "exit code 1: no module named torch" in seen[-1].message
    assert watched.executor.free_slots == 1
    watched.executor.submit(Job(id="j", kind="x", owner="", created=time.time()))
    seen = watched.until(lambda event: isinstance(event, JobFailed))
    assert [event.state for event in seen[:-1]] == ["starting", "stopped"]
    assert seen[-1].lost and "no module named torch" in seen[-1].error
    assert watched.executor.free_slots == 1


def test_a_program_that_cannot_be_started_is_named(watch):
    watched = watch("/nowhere/python")
    seen = watched.until(lambda event: event.state == "stopped")
    assert "could not be started" in seen[-1].message and "/nowhere/python" in seen[-1].message
    watched.executor.submit(Job(id="j", kind="x", owner="", created=time.time()))
    assert watched.until(lambda event: isinstance(event, JobFailed))[-1].job_id == "j"
    assert watched.executor.free_slots == 1


READY = "print(json.dumps({'type': 'worker', 'worker': 'w', 'state': 'ready'}), flush=True)\n"
DIES_ONCE = (
    "import json, pathlib, sys\n" + READY + "mark = pathlib.Path('died')\n"
    "if not mark.exists():\n"
    "    mark.touch()\n"
    "    sys.exit(1)\n"
    "job = json.loads(sys.stdin.readline())['job']['id']\n"
    "print(json.dumps({'type': 'failed', 'job_id': job, 'error': 'worked'}), flush=True)\n"
    "sys.stdin.readline()\n"
)


@contextmanager
def _between_two_workers(folder, act):
    """An executor whose first worker dies; ``act(executor)`` is done when it is gone and the next one is not there yet."""
    events, starts = queue.Queue(), []

    def sink(event):
        if getattr(event, "state", "") == "starting":
            starts.append(event)
            if len(starts) == 2:
                act(executor)
        events.put(event)

    executor = LocalExecutor(Launch((sys.executable, "-c", DIES_ONCE), {}, folder), lambda: 1.0)
    executor.start(sink)
    try:
        yield executor, lambda kind: next(event for event in iter(lambda: events.get(timeout=WAIT_S), None) if isinstance(event, kind))
    finally:
        executor.close()


def test_a_job_given_while_the_worker_is_being_replaced_goes_to_the_new_one(tmp_path):
    with _between_two_workers(tmp_path, lambda executor: executor.submit(Job(id="j", kind="x", owner="", created=1.0))) as (executor, wait):
        failed = wait(JobFailed)
        assert (failed.job_id, failed.error) == ("j", "worked")
        assert executor.free_slots == 1


def test_a_job_given_while_the_worker_is_being_replaced_can_be_cancelled(tmp_path):
    def submit_and_cancel(executor):
        executor.submit(Job(id="j", kind="x", owner="", created=1.0))
        executor.control("j", "cancel")

    with _between_two_workers(tmp_path, submit_and_cancel) as (_, wait):
        assert wait(JobCancelled).job_id == "j"


def test_words_that_are_no_events_are_passed_over(watch):
    watched = watch(
        "import sys, json\n"
        "print('Hello, I am a library', flush=True)\n"
        "print(json.dumps({'type': 'worker', 'worker': 'w', 'state': 'ready'}), flush=True)\n"
        "sys.stdin.readline()\n"
    )
    assert [event.state for event in watched.until(lambda event: event.state == "ready")] == ["starting", "ready"]
    assert watched.executor.free_slots == 1


def test_closing_insists(watch, monkeypatch):
    monkeypatch.setattr("extensions.local_executor.process.QUIT_S", 0.05)
    monkeypatch.setattr("extensions.local_executor.process.TERMINATE_S", 0.05)
    program = (
        "import json, signal, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print(json.dumps({'type': 'worker', 'worker': 'w', 'state': 'ready'}), flush=True)\n"
        "time.sleep(3600)\n"
    )
    watched = watch(program)
    watched.until(lambda event: event.state == "ready")
    process = watched.executor._process._process
    watched.executor.close()
    assert process.returncode == -9


@pytest.mark.parametrize(
    ("status", "lines", "words"),
    [
        (-9, [], "killed (signal 9: out of memory?)"),
        (-11, [], "crashed (SIGSEGV)"),
        (-15, [], "ended (SIGTERM)"),
        (-77, [], "signal 77"),
        (0xC0000005, [], "access violation"),
        (0, ["fine\n"], "ended by itself"),
        (3, [], "exit code 3."),
        (1, ["Traceback\n", "ImportError: no torch\n", "\n"], "exit code 1: ImportError: no torch"),
    ],
)
def test_the_reason_of_an_end_is_said_in_words(status, lines, words):
    assert words in ending_reason(status, lines)


def test_deaths_far_apart_or_after_work_are_no_loop():
    guard = CrashGuard(most_deaths=3, within_s=60)
    assert [guard.died(now) for now in (0, 40, 80)] == [False, False, False]
    assert guard.died(90)
    guard.reset()
    assert [guard.died(now) for now in (91, 92, 93)] == [False, False, True]


def test_the_users_environment_wins(make_host, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    launch = worker_launch(make_host("local_executor"))
    assert launch.environment["HF_HUB_OFFLINE"] == "0"
    assert launch.environment["TRANSFORMERS_OFFLINE"] == WORKER_ENVIRONMENT["TRANSFORMERS_OFFLINE"]


def test_a_worker_does_not_repeat_the_tracebacks_of_the_web_process(make_host, write_extension, caplog):
    write_extension("bad", "raise OSError('no luck')")
    launch = worker_launch(make_host("local_executor", "bad"))
    assert "Traceback" in caplog.text
    caplog.clear()
    make_host("bad", role="worker", environment=launch.environment)
    assert "'bad' failed in import: OSError: no luck" in caplog.text and "Traceback" not in caplog.text


def test_passwords_stay_out_of_the_command_line(make_host):
    host = make_host("local_executor", flags={"api-auth": "anna:moonlight"}, secrets=("anna:moonlight",))
    assert not any("moonlight" in part for part in worker_launch(host).command)

"""The embedded executor fulfils the contract of executors."""

from __future__ import annotations

import time

import pytest

from app.api import Job
from app.testing.executors import ExecutorJobs, check_executor
from extensions.local_executor.executor import LocalExecutor
from extensions.local_executor.launch import worker_launch

ENDLESS = 10_000_000
pytestmark = pytest.mark.e2e


def test_it_runs_fails_and_cancels_and_leaves_nothing_behind(workload, make_host):
    host = make_host("local_executor", "workload", device="cpu", preload_model=False)
    executor = LocalExecutor(worker_launch(host), lambda: 30.0)
    short, failing, endless = (_job(name, task) for name, task in TASKS.items())
    check_executor(executor, ExecutorJobs(short, failing, endless), timeout_s=60)


TASKS = {"short": {"steps": 2}, "failing": {"act": "raise"}, "endless": {"steps": ENDLESS}}


def _job(name, task):
    return Job(id=name, kind="workload", owner="", created=time.time(), request=task)

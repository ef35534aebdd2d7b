"""The real program: it starts, says where its page is, and ends without a trace on Ctrl-C and SIGTERM."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request

import psutil
import pytest

from app.paths import CHECKOUT

pytestmark = [pytest.mark.e2e, pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")]


@pytest.fixture
def program(tmp_path):
    """Paintbox on a free port with the executor alone; ended at the end whatever happens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "app", "--port", str(port), "--data-dir", str(tmp_path)]
    environment = {**os.environ, "PAINTBOX_ONLY_EXTENSIONS": "local_executor", "OMP_NUM_THREADS": "1", "COMMANDLINE_ARGS": ""}
    process = subprocess.Popen(
        command, cwd=CHECKOUT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    yield process, port
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


@pytest.mark.parametrize(("number", "to_group"), [(signal.SIGINT, True), (signal.SIGTERM, False)])
def test_it_ends_cleanly(program, tmp_path, number, to_group) -> None:
    process, port = program
    assert f"http://127.0.0.1:{port}/" in process.stdout.readline()
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/internal/ping", timeout=10) as answer:
        assert answer.status == 200
    workers = psutil.Process(process.pid).children(recursive=True)
    assert len(workers) == 1
    if to_group:  # as a terminal sends Ctrl-C
        os.killpg(process.pid, number)
    else:
        process.send_signal(number)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert "Traceback" not in said
    assert not any(worker.is_running() for worker in workers)
    assert json.loads((tmp_path / "paintbox.lock").read_text() or "{}") == {}

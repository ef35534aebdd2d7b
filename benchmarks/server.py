"""Start a real Paintbox in a folder of its own, for benchmarks."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
DEMO = ROOT / "models" / "Stable-diffusion" / "paintbox-demo.safetensors"
DEADLINE_S = 180.0


@dataclass(frozen=True)
class Server:
    """A running Paintbox; ``started`` is the monotonic time at which its process was begun."""

    url: str
    data: Path
    started: float
    process: subprocess.Popen[bytes]

    def get(self, path: str) -> Any:
        """GET JSON."""
        with urllib.request.urlopen(self.url + path, timeout=DEADLINE_S) as answer:
            return json.load(answer)

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """POST JSON, get JSON."""
        request = urllib.request.Request(self.url + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=DEADLINE_S) as answer:
            return json.load(answer)

    def wait_for(self, path: str) -> float:
        """Seconds from the start of the process until ``path`` answers 200."""
        while time.monotonic() - self.started < DEADLINE_S:
            try:
                with urllib.request.urlopen(self.url + path, timeout=DEADLINE_S) as answer:
                    answer.read()
                    return time.monotonic() - self.started
            except (urllib.error.URLError, ConnectionError):
                if self.process.poll() is not None:
                    raise RuntimeError(f"The server ended with {self.process.returncode}.") from None
                time.sleep(0.01)
        raise TimeoutError(path)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(
    arguments: Sequence[str] = (), checkpoints: Sequence[Path] = (DEMO,), prepare: Callable[[Path], None] = lambda data: None
) -> Iterator[Server]:
    """A Paintbox on a free port with its own data folder, which ``prepare`` may fill; ended and removed at the end of the context."""
    data = Path(tempfile.mkdtemp(prefix="paintbox-benchmark-"))
    folder = data / "models" / "Stable-diffusion"
    folder.mkdir(parents=True)
    for checkpoint in checkpoints:
        (folder / checkpoint.name).symlink_to(checkpoint)
    prepare(data)
    port = free_port()
    command = [sys.executable, "-m", "app", "--port", str(port), "--data-dir", str(data), *arguments]
    with (data / "log.txt").open("wb") as log:
        started = time.monotonic()
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
        try:
            yield Server(f"http://127.0.0.1:{port}", data, started, process)
        finally:
            process.terminate()
            process.wait(30)
    shutil.rmtree(data)

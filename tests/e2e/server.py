"""The whole program for tests: ``python -m app`` with a data folder of its own, a tiny checkpoint and a real worker."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from extensions.stable_diffusion.testing import TinyCheckpoint, write_checkpoint

ROOT = Path(__file__).resolve().parents[2]
START_S, END_S = 120, 30


@dataclass(frozen=True)
class Program:
    """A running Paintbox."""

    process: subprocess.Popen[bytes]
    data: Path
    url: str
    log: Path

    def client(self, **more: object) -> httpx.Client:
        """A client without a password and with patience."""
        return httpx.Client(base_url=self.url, timeout=300, **more)  # type: ignore[arg-type]


@contextmanager
def running_program(data: Path, *flags: str) -> Iterator[Program]:
    """Start it, wait until it answers, and end it; an end that leaves processes behind is an error."""
    folder = data / "models" / "Stable-diffusion"
    folder.mkdir(parents=True, exist_ok=True)
    for seed, name in enumerate(("first.safetensors", "second.safetensors")):
        if not (folder / name).exists():
            write_checkpoint(folder / name, TinyCheckpoint(seed=seed))
    log = data / "program.log"
    port = _free_port()
    command = [sys.executable, "-m", "app", "--data-dir", str(data), "--port", str(port), "--nowebui", *flags]
    with log.open("ab") as output:
        process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output, env={**os.environ, "OMP_NUM_THREADS": "1"})
    program = Program(process, data, f"http://127.0.0.1:{port}", log)
    try:
        _wait_until_it_answers(program)
        yield program
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=END_S)
        finally:
            process.kill()


def _wait_until_it_answers(program: Program) -> None:
    deadline = time.monotonic() + START_S
    with program.client() as client:
        while time.monotonic() < deadline:
            assert program.process.poll() is None, program.log.read_text()
            try:
                if client.get("/internal/ping").status_code in (200, 401):
                    return
            except httpx.TransportError:
                time.sleep(0.05)
    raise AssertionError(f"It did not answer within {START_S} s:\n{program.log.read_text()}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

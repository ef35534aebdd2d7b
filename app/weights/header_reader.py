"""Who reads headers for the model index: this process, or for pickled files a small process that can be done without."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, Protocol

from app.errors import ModelFileError
from app.paths import CHECKOUT
from app.values.model import ModelHeader, TensorInfo
from app.weights.headers import read_header, told_container

logger = logging.getLogger(__name__)
COMMAND = (sys.executable, "-m", "app", "read-headers")
SECONDS_PER_FILE = 30.0
IDLE_SECONDS = 30.0
"""The process is kept so long for the next file."""
END_SECONDS = 5.0


class NotReadError(ModelFileError):
    """A header was not read for reasons that may be others next time, such as a process that was killed."""


class HeaderReader(Protocol):
    """Reads headers."""

    def read(self, path: Path) -> ModelHeader:
        """As ``read_header``; raises ModelFileError."""
        ...

    def close(self) -> None:
        """End what was started for it."""
        ...


class HereReader:
    """Reads in this process; for workers, which may be killed and replaced."""

    def read(self, path: Path) -> ModelHeader:
        """The header."""
        return read_header(path)

    def close(self) -> None:
        """Nothing was started."""


class ApartReader:
    """Has pickled files read by a process of their own, which is started when it is needed; thread-safe.

    A file that makes it die, take too long or answer nonsense gets an error that says so, and the next file a new process.
    """

    def __init__(self, command: Sequence[str] = COMMAND, seconds: float = SECONDS_PER_FILE, idle_seconds: float = IDLE_SECONDS) -> None:
        self._command = tuple(command)
        self._seconds = seconds
        self._idle_seconds = idle_seconds
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._idle: threading.Timer | None = None

    def read(self, path: Path) -> ModelHeader:
        """The header; files that are no pickles are read here."""
        try:
            if told_container(path) != "pickle":
                return read_header(path)
            size = path.stat().st_size
        except OSError as error:
            raise ModelFileError(f"{path.name}: cannot be read ({error.strerror or error}).") from error
        with self._lock:
            answer = self._ask(path)
        if "what" in answer:
            raise ModelFileError(answer["what"], hint=answer["hint"])
        tensors = {name: TensorInfo(dtype, tuple(shape)) for name, (dtype, shape) in answer["tensors"].items()}
        return ModelHeader(path, "pickle", size, tensors, answer["metadata"])

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._stop_waiting()
            self._end()

    def _ask(self, path: Path) -> dict[str, Any]:
        self._stop_waiting()
        process = self._running()
        too_late = threading.Event()

        def give_up() -> None:
            too_late.set()
            process.kill()

        alarm = threading.Timer(self._seconds, give_up)
        alarm.start()
        try:
            line = _exchange(process, json.dumps(str(path.absolute())).encode() + b"\n")
        finally:
            alarm.cancel()
        if not line.endswith(b"\n"):
            self._end()
            reason = f"it was not read after {self._seconds:g} seconds" if too_late.is_set() else "the process that read it ended"
            raise NotReadError(f"{path.name}: cannot be used: {reason}.", hint="Get the model as .safetensors.")
        self._wait_for_more()
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is not None:
            self._end()
        if self._process is None:
            self._process = subprocess.Popen(
                self._command, cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
        return self._process

    def _wait_for_more(self) -> None:
        self._idle = threading.Timer(self._idle_seconds, self.close)
        self._idle.daemon = True
        self._idle.start()

    def _stop_waiting(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                _close(pipe)
        try:
            process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def reader_for(role: Literal["web", "worker"]) -> HeaderReader:
    """The reader for a process of this role: the web process reads no pickles itself."""
    return ApartReader() if role == "web" else HereReader()


def _exchange(process: subprocess.Popen[bytes], question: bytes) -> bytes:
    """One line for one line; what the process leaves unsaid is missing."""
    if process.stdin is None or process.stdout is None:
        return b""
    try:
        process.stdin.write(question)
        process.stdin.flush()
        return process.stdout.readline()
    except OSError:
        return b""


def _close(pipe: Any) -> None:
    try:
        pipe.close()
    except OSError:
        logger.debug("A process that read headers had ended before it was told to.")

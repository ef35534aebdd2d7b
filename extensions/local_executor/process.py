"""One worker process with its three pipes."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from queue import SimpleQueue
from typing import IO

from pydantic import ValidationError

from app.api import Event, Value, decode_event, encode_line
from extensions.local_executor.launch import Launch
from extensions.local_executor.reason import ending_reason

logger = logging.getLogger(__name__)
REMEMBERED_LINES = 30
QUIT_S, TERMINATE_S = 3.0, 2.0
"""How long a worker may take to end when asked, and when told to, before it is killed."""


@dataclass(frozen=True)
class Listener:
    """Told from threads of the process; ``on_exit`` is the last word, with the reason in a sentence."""

    on_event: Callable[[WorkerProcess, Event], None]
    on_exit: Callable[[WorkerProcess, str], None]


class WorkerProcess:
    """Starts the program; raises OSError when it cannot be. Call ``listen`` once to hear of it.

    Commands are written by a thread, because a worker that hangs does not empty its pipe and nobody may wait for that.
    """

    def __init__(self, launch: Launch) -> None:
        self._process = subprocess.Popen(
            launch.command,
            cwd=launch.folder,
            env=dict(launch.environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=os.name == "posix",  # Ctrl-C in the terminal is for the web process, which ends its workers in order
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0) | getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
        self._commands: SimpleQueue[Value | None] = SimpleQueue()
        self._last_lines: deque[str] = deque(maxlen=REMEMBERED_LINES)
        self._killed_because = ""
        self._threads: list[threading.Thread] = []

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def listen(self, listener: Listener) -> None:
        """Begin to read and write."""
        echo = self._begin("worker-errors", self._echo)
        self._begin("worker-commands", self._write)
        self._begin("worker-events", lambda: self._read(listener, echo))

    def send(self, command: Value) -> None:
        """Send a command; returns at once, and without effect when the process has ended."""
        self._commands.put(command)

    def kill(self, reason: str) -> None:
        """End the process at once, for this reason."""
        self._killed_because = reason
        self._process.kill()

    def close(self, farewell: Value) -> None:
        """Ask the process to end, then insist; returns when it is gone."""
        self.send(farewell)
        for insist, patience_s in ((None, QUIT_S), (self._process.terminate, TERMINATE_S), (self._process.kill, None)):
            if insist is not None:
                insist()
            try:
                self._process.wait(patience_s)
                break
            except subprocess.TimeoutExpired:
                continue
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(TERMINATE_S)

    # --- threads ---

    def _begin(self, name: str, target: Callable[[], None]) -> threading.Thread:
        thread = threading.Thread(target=target, name=f"{name}-{self.pid}", daemon=True)
        self._threads.append(thread)
        thread.start()
        return thread

    def _read(self, listener: Listener, echo: threading.Thread) -> None:
        """Pass events on until the process ends, then say why it did."""
        with _pipe(self._process.stdout) as events:
            for line in iter(events.readline, b""):
                if line.endswith(b"\n"):  # a killed process leaves half a line
                    self._pass_on(line, listener)
        try:
            status = self._process.wait(TERMINATE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            status = self._process.wait()
        self._commands.put(None)
        echo.join(TERMINATE_S)
        listener.on_exit(self, self._killed_because or ending_reason(status, self._last_lines))

    def _pass_on(self, line: bytes, listener: Listener) -> None:
        try:
            event = decode_event(line)
        except ValidationError as error:
            logger.error("The worker said something that is no event: %.200r (%s)", line, error)
            return
        listener.on_event(self, event)

    def _write(self) -> None:
        with _pipe(self._process.stdin) as pipe:
            try:
                while (command := self._commands.get()) is not None:
                    pipe.write(encode_line(command))
                    pipe.flush()
            except OSError:
                logger.debug("The worker %d takes no commands any more.", self.pid)

    def _echo(self) -> None:
        """Show what the worker writes to its error stream (its log), and remember the end of it."""
        with _pipe(self._process.stderr) as errors:
            for line in iter(errors.readline, b""):
                text = line.decode("utf-8", "replace")
                self._last_lines.append(text)
                sys.stderr.write(text)
                sys.stderr.flush()


@contextmanager
def _pipe(pipe: IO[bytes] | None) -> Iterator[IO[bytes]]:
    """Closes a pipe at the end; what was still to be written to a dead process is dropped."""
    if pipe is None:
        raise ValueError("the process was started without this pipe")
    try:
        yield pipe
    finally:
        try:
            pipe.close()
        except OSError:
            logger.debug("A pipe to a worker was already broken.")

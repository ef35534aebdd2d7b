"""The worker's end of the line to the web process."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from queue import SimpleQueue
from typing import BinaryIO

from pydantic import ValidationError

from app.jobs.control import Control
from app.jobs.wire import ControlJob, Quit, RunJob, decode_command, encode_line
from app.values.base import Value
from app.values.job import Job

logger = logging.getLogger(__name__)
QUIT_LIMIT_S = 10.0


@dataclass(frozen=True)
class Task:
    """A job to run with the wishes that come for it."""

    job: Job
    control: Control


class WorkerLink:
    """Reads commands in a thread of its own, so that they act while a job runs, and writes events from any thread.

    When the commands end, the web process is gone: ``on_orphaned`` is called in the reading thread (it ends the process at once). So it
    is when the worker was told to quit and something holds it up.
    """

    def __init__(self, commands: BinaryIO, events: BinaryIO, on_orphaned: Callable[[], None] = lambda: os._exit(0)) -> None:
        self._commands = commands
        self._events = events
        self._on_orphaned = on_orphaned
        self._writing = threading.Lock()
        self._controls: dict[str, Control] = {}
        self._tasks: SimpleQueue[Task | None] = SimpleQueue()
        self._quitting = threading.Event()

    def start(self) -> None:
        """Begin to read."""
        threading.Thread(target=self._read, name="commands", daemon=True).start()

    def send(self, event: Value) -> None:
        """Write an event; raises PydanticSerializationError for text that is no valid Unicode."""
        line = encode_line(event)
        with self._writing:
            self._events.write(line)
            self._events.flush()

    def next_task(self) -> Task | None:
        """Wait for the next job; None when the worker should end."""
        return None if self._quitting.is_set() else self._tasks.get()

    def done_with(self, task: Task) -> None:
        """Forget the wishes for a job that has ended."""
        self._controls.pop(task.job.id, None)

    def _read(self) -> None:
        try:
            for line in iter(self._commands.readline, b""):
                if line.endswith(b"\n"):
                    self._obey(line)
                if self._quitting.is_set():
                    return  # nobody may sit in a read while the interpreter ends
        except OSError:
            logger.debug("The line to the web process broke.", exc_info=True)
        self._on_orphaned()

    def _obey(self, line: bytes) -> None:
        try:
            command = decode_command(line)
        except ValidationError as error:
            logger.error("A command could not be understood: %s", error)
            return
        if isinstance(command, RunJob):
            task = Task(command.job, Control())
            self._controls[command.job.id] = task.control
            self._tasks.put(task)
        elif isinstance(command, ControlJob):
            control = self._controls.get(command.job_id)
            if control is not None:
                control.request(command.action)
        elif isinstance(command, Quit):
            self._quitting.set()
            for control in list(self._controls.values()):
                control.request("cancel")
            self._tasks.put(None)
            limit = threading.Timer(QUIT_LIMIT_S, self._on_orphaned)
            limit.daemon = True
            limit.start()

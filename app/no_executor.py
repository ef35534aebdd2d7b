"""Which executor runs the jobs, and what stands in for one when no installed extension provides it: jobs wait, and the page says why."""

from __future__ import annotations

import logging

from app.contracts import ControlAction, Executor, ExecutorSink
from app.registry import Registry
from app.values.base import Json
from app.values.events import WorkerStatus
from app.values.job import Job
from app.values.owned import Owned

logger = logging.getLogger(__name__)


class NoExecutor:
    """Takes no job."""

    id = ""
    free_slots = 0

    def start(self, sink: ExecutorSink) -> None:
        """Say that nothing will be drawn."""
        message = "No extension that runs jobs is in use. `python webui.py extensions list` says why."
        sink(WorkerStatus(worker="", state="stopped", message=message))

    def submit(self, job: Job) -> None:
        """Never called, as there is no free slot."""

    def control(self, job_id: str, action: ControlAction) -> None:
        """No job runs."""

    def close(self) -> None:
        """Nothing to end."""


def choose_executor(executors: Registry[Executor], wanted: Json) -> Owned[Executor]:
    """The one that the setting names, else the first."""
    found = executors.owned()
    for owned in found:
        if owned.value.id == wanted:
            return owned
    if wanted:
        logger.warning("There is no executor %r; %s is used.", wanted, found[0].value.id if found else "none")
    return found[0] if found else Owned("host", NoExecutor())

"""What stands in for an executor when no installed extension provides one: jobs wait, and the page says why."""

from __future__ import annotations

from app.contracts import ControlAction, ExecutorSink
from app.values.events import WorkerStatus
from app.values.job import Job


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

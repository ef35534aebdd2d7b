"""The jobs that load a checkpoint in a worker, and give its memory back."""

from __future__ import annotations

from app.api import JobResult, Run, load_checkpoint
from extensions.checkpoints.params import LoadRequest


def load(run: Run, request: LoadRequest) -> JobResult:
    """Load it and keep it; raises UserError that names the file and the reason."""
    record = load_checkpoint(request.checkpoint, run)
    return JobResult(info={"checkpoint": record.title})


def unload(run: Run) -> JobResult:
    """Drop everything that is loaded."""
    run.weights.clear()
    return JobResult()

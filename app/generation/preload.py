"""Brings a checkpoint into memory ahead of the first picture that needs it."""

from __future__ import annotations

from app.contracts import Run
from app.generation.checkpoint_choice import choose_checkpoint
from app.generation.run_helpers import GenerationRun
from app.values.model import ModelRecord


def load_checkpoint(wanted: str | None, run: Run) -> ModelRecord:
    """Load the named checkpoint, or the configured one; raises UserError, NotFoundError, ModelFileError."""
    generation_run = GenerationRun.of(run, {})
    record, _ = choose_checkpoint(wanted, generation_run)
    with run.weights.pin(record.path, generation_run.load_options(record.path)):
        return record

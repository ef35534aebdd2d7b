"""What a user can set about workers."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class WorkerSettings(BaseModel):
    """Limits of the worker process."""

    model_config = ConfigDict(frozen=True)

    worker_kill_after_s: float = Field(
        30.0,
        ge=1.0,
        le=3600.0,
        title="End a worker that does not answer a cancel after (seconds)",
        description="It is started again, and loads its checkpoint again.",
    )

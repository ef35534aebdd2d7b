"""The job kind "generate": a request for pictures."""

from __future__ import annotations

from pydantic import BaseModel

from app.contracts import JobKind, Run
from app.values.job import JobResult
from app.values.request import GenerationRequest

KIND = "generate"


def generate_kind() -> JobKind:
    """The kind, as the host registers it; torch is imported by the first run."""
    return JobKind(KIND, "Draw pictures", GenerationRequest, _run)


def _run(run: Run, request: BaseModel) -> JobResult:
    from app.generation.generate import generate

    return generate(GenerationRequest.model_validate(request.model_dump()) if not isinstance(request, GenerationRequest) else request, run)

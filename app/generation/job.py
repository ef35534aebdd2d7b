"""The job kind "generate": a request for pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel

from app.contracts import JobKind, Run, typed_as
from app.generation.check import check_pictures, check_request
from app.values.job import JobResult
from app.values.request import GenerationRequest

if TYPE_CHECKING:
    from app.host import Host

KIND = "generate"


def generate_kind(host: Host) -> JobKind:
    """The kind, as the host registers it; torch is imported by the first run."""

    def check(request: BaseModel) -> None:
        check_request(_typed(request), host)

    def check_owner(request: BaseModel, owner: str) -> None:
        check_pictures(_typed(request), owner, host)

    return JobKind(
        KIND,
        "Draw pictures",
        GenerationRequest,
        _run,
        check,
        parts=lambda request: _typed(request).batch_count,
        asked=_typed,
        check_owner=check_owner,
    )


def _run(run: Run, request: BaseModel) -> JobResult:
    from app.generation.generate import generate

    return generate(_typed(request), run)


def _typed(request: BaseModel) -> GenerationRequest:
    return typed_as(GenerationRequest, request)

"""Writes model files anew as safetensors, in another number format or pruned: a job, its route, and its page among the tools."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from app.api import JobKind, JobResult, Page, PageSlot, Panel, Run, hookimpl, typed_as
from extensions.model_conversion.params import CONVERT_AT, KIND, PREFIX, ConvertRequest, find_model, target_of

if TYPE_CHECKING:
    from pydantic import BaseModel

    from app.api import Host


@hookimpl
def register_job_kinds(host: Host) -> Iterable[JobKind]:
    """Converting reads and writes gigabytes, so it is a job; what can be seen without reading is checked before it is queued."""

    def check(request: BaseModel) -> None:
        asked = typed_as(ConvertRequest, request)
        target_of(asked, find_model(asked, host))

    def run(run: Run, request: BaseModel) -> JobResult:
        from extensions.model_conversion.convert import convert

        return convert(run, typed_as(ConvertRequest, request))

    return (JobKind(KIND, "Convert a model file", ConvertRequest, run, check, asked_at=PREFIX + CONVERT_AT),)


@hookimpl
def register_routes(host: Host) -> Iterable[Any]:
    """Asking for it."""
    from extensions.model_conversion.routes import make_router

    return (make_router(host),)


@hookimpl
def register_panels(host: Host) -> Iterable[Panel]:
    """A page among the tools for model files."""

    def build(page: Page) -> None:
        from extensions.model_conversion.panel import draw_place

        draw_place(page)

    return (Panel(id=KIND, slot=PageSlot.TOOL_PAGES, order=30, build=build),)

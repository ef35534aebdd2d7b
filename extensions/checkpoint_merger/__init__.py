"""Two or three checkpoints become one: a job, its routes, and its page in the tab "Checkpoint Merger"."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from app.api import JobKind, JobResult, Page, PageSlot, Panel, Run, hookimpl, typed_as
from extensions.checkpoint_merger.params import KIND, PREFIX, MergeRequest

if TYPE_CHECKING:
    from pydantic import BaseModel

    from app.api import Host


@hookimpl
def register_panels(host: Host) -> Iterable[Panel]:
    """The first page of the tab."""

    def build(page: Page) -> None:
        from extensions.checkpoint_merger.panel import draw_place

        draw_place(page)

    return (Panel(id=KIND, slot=PageSlot.TOOL_PAGES, order=0, build=build),)


@hookimpl
def register_job_kinds(host: Host) -> Iterable[JobKind]:
    """Merging is a job; everything that the files' headers can tell is checked before it is queued."""

    def check(request: BaseModel) -> None:
        from extensions.checkpoint_merger.recipe import parse_metadata
        from extensions.checkpoint_merger.sources import prepare

        asked = typed_as(MergeRequest, request)
        parse_metadata(asked)
        prepare(asked, host)

    def run(run: Run, request: BaseModel) -> JobResult:
        from extensions.checkpoint_merger.merge import merge

        return merge(run, typed_as(MergeRequest, request))

    return (JobKind(KIND, "Merge checkpoints", MergeRequest, run, check, asked_at=PREFIX),)


@hookimpl
def register_routes(host: Host) -> Iterable[Any]:
    """Asking for a merge, what it would give, and the files' own notes."""
    from extensions.checkpoint_merger.routes import make_router

    return (make_router(host),)

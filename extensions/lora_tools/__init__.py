"""Tools between checkpoints and LoRA files: extract the difference of two checkpoints, bake LoRAs into one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from app.api import JobKind, JobResult, Page, PageSlot, Panel, Run, hookimpl, typed_as
from extensions.lora_tools.params import BAKE, BAKE_AT, EXTRACT, EXTRACT_AT, PREFIX, BakeRequest, ExtractRequest

if TYPE_CHECKING:
    from pydantic import BaseModel

    from app.api import Host


@hookimpl
def register_job_kinds(host: Host) -> Iterable[JobKind]:
    """Both are jobs; what can be seen without reading weights is checked before they are queued."""
    from extensions.lora_tools.files import prepare_bake, prepare_extract

    def check_extract(request: BaseModel) -> None:
        prepare_extract(typed_as(ExtractRequest, request), host)

    def check_bake(request: BaseModel) -> None:
        prepare_bake(typed_as(BakeRequest, request), host)

    def extract(run: Run, request: BaseModel) -> JobResult:
        from extensions.lora_tools.extract import extract

        return extract(run, typed_as(ExtractRequest, request))

    def bake(run: Run, request: BaseModel) -> JobResult:
        from extensions.lora_tools.bake import bake

        return bake(run, typed_as(BakeRequest, request))

    yield JobKind(EXTRACT, "Extract a LoRA from two checkpoints", ExtractRequest, extract, check_extract, asked_at=PREFIX + EXTRACT_AT)
    yield JobKind(BAKE, "Bake LoRAs into a checkpoint", BakeRequest, bake, check_bake, asked_at=PREFIX + BAKE_AT)


@hookimpl
def register_routes(host: Host) -> Iterable[Any]:
    """Asking for them."""
    from extensions.lora_tools.routes import make_router

    return (make_router(host),)


@hookimpl
def register_panels(host: Host) -> Iterable[Panel]:
    """Two pages among the tools for model files."""

    def extract(page: Page) -> None:
        from extensions.lora_tools.panel import draw_extract

        draw_extract(page)

    def bake(page: Page) -> None:
        from extensions.lora_tools.panel import draw_bake

        draw_bake(page)

    yield Panel(id=EXTRACT, slot=PageSlot.TOOL_PAGES, order=10, build=extract)
    yield Panel(id=BAKE, slot=PageSlot.TOOL_PAGES, order=20, build=bake)


@hookimpl
def register_texts(host: Host) -> Iterable[str]:
    """Words of the page's script that look like names there."""
    return ("LoRAs", "same")

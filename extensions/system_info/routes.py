"""Routes: the report as A1111 addresses it, and whether one is as it was written."""

from __future__ import annotations

import json
from datetime import datetime

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from app.api import Host, Json, UserError, Value
from extensions.system_info.report import is_unchanged, make_report, startup_times

LONGEST_REPORT = 4_000_000


class Report(Value):
    """A report as text."""

    text: str


class Checked(Value):
    """``valid``: the checksum is that of the rest."""

    valid: bool


def make_router(host: Host) -> APIRouter:
    """The routes."""
    router = APIRouter(tags=["system"])

    async def text() -> str:
        return json.dumps(await run_in_threadpool(make_report, host), indent=4, ensure_ascii=False)

    @router.get("/internal/sysinfo", summary="Versions, extensions, settings and flags, without secrets")
    async def show() -> Response:
        return Response(await text(), media_type="text/plain; charset=utf-8", headers={"Cache-Control": "no-store"})

    @router.get("/internal/sysinfo-download", summary="The same as a file")
    async def download() -> Response:
        name = f"sysinfo-{datetime.now():%Y-%m-%d-%H-%M}.json"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        return Response(await text(), media_type="application/json", headers=headers)

    @router.get("/internal/profile-startup", summary="How long the parts of the start took, in seconds")
    def startup() -> dict[str, Json]:
        return startup_times(host)

    @router.post("/paintbox/v1/sysinfo/check", summary="Whether a report is as it was written")
    async def check(report: Report) -> Checked:
        if len(report.text) > LONGEST_REPORT:
            raise UserError("The report is too long to be one.", field="text", status=413)
        return Checked(valid=await run_in_threadpool(is_unchanged, report.text))

    return router

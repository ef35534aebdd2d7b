"""Routes below /paintbox/v1/localization: tables as scripts of the page, and a table to be filled."""

from __future__ import annotations

import json

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from app.api import Host, NotFoundError
from app.api.routes import collect_texts
from extensions.localization.chosen import PREFIX, languages, read_table, table_script

KEPT = "private, max-age=31536000, immutable"
"""The address names the state of the table."""


def make_router(host: Host) -> APIRouter:
    """The routes."""
    router = APIRouter(prefix=f"/{PREFIX}", tags=["page"])

    @router.get("/{name}.js", summary="A table of translations as a script of the page")
    async def script(name: str, v: str = "") -> Response:
        def read() -> str:
            if name not in languages(host):
                raise NotFoundError(f"There is no localization {name!r}.", hint=f"There are: {', '.join(languages(host))}.", field="name")
            return table_script(read_table(host, name))

        text = await run_in_threadpool(read)
        return Response(text, media_type="text/javascript; charset=utf-8", headers={"Cache-Control": KEPT if v else "no-cache"})

    @router.get("/template", summary="Every text that can be translated, with the translation of a language where it has one")
    async def template(name: str = "") -> Response:
        def collect() -> str:
            known = read_table(host, name).texts if name else {}
            return json.dumps({text: known.get(text, text) for text in collect_texts(host)}, indent=4, ensure_ascii=False)

        text = await run_in_threadpool(collect)
        headers = {"Content-Disposition": 'attachment; filename="localization.json"'}
        return Response(text, media_type="application/json", headers=headers)

    return router

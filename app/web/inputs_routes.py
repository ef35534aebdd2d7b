"""Pictures that users bring: an upload gives a name, by which requests start from it and by which it can be fetched again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from app.values.base import Value
from app.web.asking import Owner

if TYPE_CHECKING:
    from app.host import Host

HEADERS = {"Cache-Control": "private, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
SIGNATURES = ((0, b"\x89PNG", "image/png"), (0, b"\xff\xd8", "image/jpeg"), (8, b"WEBP", "image/webp"), (0, b"GIF8", "image/gif"))
"""Place and bytes by which the formats are known that every browser shows."""


class Taken(Value):
    """A picture that was taken in; ``width`` and ``height`` in pixels, upright."""

    ref: str
    width: int
    height: int


def inputs_router(host: Host) -> APIRouter:
    """Routes below /paintbox/v1/inputs."""
    router = APIRouter(prefix="/paintbox/v1", tags=["inputs"])

    @router.post("/inputs", status_code=201, summary="Bring a picture (the body is the image file)")
    async def put(request: Request, owner: Owner, name: str = "") -> Taken:
        image = await run_in_threadpool(host.inputs.put, await request.body(), owner, name)
        return Taken(ref=image.ref, width=image.width_px, height=image.height_px)

    @router.get("/inputs/{ref}", summary="A picture that was brought, as the file was given")
    def get(ref: str, owner: Owner) -> Response:
        data = host.inputs.find(ref, owner).read_bytes()
        return Response(data, media_type=media_type(data), headers=HEADERS)

    return router


def media_type(data: bytes) -> str:
    """What a browser is told that the picture is; formats that it cannot show are offered as files."""
    found = (kind for place, mark, kind in SIGNATURES if data[place : place + len(mark)] == mark)
    return next(found, "application/octet-stream")

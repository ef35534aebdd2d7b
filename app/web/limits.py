"""How much a request may send, by its path: more is answered with 413 before it fills the memory."""

from __future__ import annotations

from fastapi import HTTPException
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.web.login import LOGIN_PATH
from app.web.page_server import without_page_root
from app.web.problems import problem

KB, MB = 1024, 1024 * 1024
LARGEST_BODY = 64 * MB
LARGEST_BODIES = (
    (LOGIN_PATH, 64 * KB),
    ("/paintbox/v1/drafts/", MB),
    ("/gradio_api/upload", 256 * MB),
    ("/paintbox/v1/extensions/archives", 256 * MB),
)
"""Beginnings of paths with limits of their own."""


class BodyLimit:
    """ASGI middleware: refuses what announces too much, and cuts off what sends too much."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, its body counted."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = largest_body(str(scope["path"]).removeprefix(scope.get("root_path", "")))
        announced = Headers(scope=scope).get("content-length", "")
        if announced.isdigit() and int(announced) > limit:
            await problem(413, "HTTPException", _sentence(limit))(scope, receive, send)
            return
        received = 0

        async def receive_counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise HTTPException(413, _sentence(limit))
            return message

        await self._app(scope, receive_counted, send)


def largest_body(path: str) -> int:
    """Bytes that a request to ``path`` may send."""
    plain = without_page_root(path)
    return next((limit for beginning, limit in LARGEST_BODIES if plain.startswith(beginning)), LARGEST_BODY)


def _sentence(limit: int) -> str:
    size = f"{limit // MB} MB" if limit >= MB else f"{limit // KB} kB"
    return f"The request is too large: at most {size} may be sent here."

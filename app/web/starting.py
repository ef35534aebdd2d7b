"""Answers while the page is still being built: browsers get a small page that reloads, programs wait for the real answer."""

from __future__ import annotations

import asyncio

from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from app.web.ending import answer_to_the_end

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Stable Diffusion</title>
<style>
:root { color-scheme: light dark; }
body { font: 16px system-ui, sans-serif; display: grid; place-items: center; min-height: 90vh; margin: 0; }
</style></head><body><p role="status">Paintbox is starting &hellip;</p>
<script>
const look = () => fetch("internal/ping", { cache: "no-store" }).then(() => location.reload(), () => setTimeout(look, 500));
look();
</script></body></html>"""


class StartingApp:
    """An ASGI application that stands in for another until ``ready`` is called."""

    def __init__(self) -> None:
        self._app: ASGIApp | None = None
        self._built = asyncio.Event()

    def ready(self, app: ASGIApp) -> None:
        """From now on ``app`` answers; call it in the event loop."""
        self._app = app
        self._built.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; a person who asks too early gets the small page at once."""
        if self._app is None and scope["type"] == "http" and _is_person(scope):
            await HTMLResponse(PAGE, headers={"Cache-Control": "no-store"})(scope, receive, send)
            return
        await self._built.wait()
        if self._app is not None:
            await answer_to_the_end(self._app, scope, receive, send)


def _is_person(scope: Scope) -> bool:
    """True for a browser that opens a page."""
    accept = dict(scope["headers"]).get(b"accept", b"")
    return scope["method"] == "GET" and b"text/html" in accept

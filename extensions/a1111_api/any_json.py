"""Routes that take JSON however it is labelled."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from fastapi.routing import APIRoute


class AnyJsonRoute(APIRoute):
    """Reads bodies as JSON whatever their content type says, because clients leave it out or let their library guess."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The usual handler behind a request without content type."""
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            headers = [item for item in request.scope["headers"] if item[0] != b"content-type"]
            return await handler(Request({**request.scope, "headers": headers}, request.receive))

        return handle

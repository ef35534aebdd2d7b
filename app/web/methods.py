"""Lets a route of ours answer requests with another method than its own, before the page at the root says that there is nothing."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Receive, Scope, Send

OWN_FROM = 2
"""Slashes in the path of a route that is certainly ours; the page has routes directly below the root, some with the same paths."""


class OtherMethods:
    """ASGI application in front of the page; ``routes`` are those that are asked before it."""

    def __init__(self, page: ASGIApp, routes: Sequence[BaseRoute]) -> None:
        self._page = page
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on what no route of ours is at; a route answers another method than its own with 405."""
        path = str(scope.get("path", "")).removeprefix(scope.get("root_path", ""))
        if scope["type"] == "http" and path.count("/") >= OWN_FROM:
            for route in self._routes:
                match, found = route.matches(scope)
                if match is Match.PARTIAL:
                    await route.handle({**scope, **found}, receive, send)
                    return
        await self._page(scope, receive, send)

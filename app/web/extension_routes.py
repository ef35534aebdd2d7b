"""The routes of extensions, which come and go with them while the program runs; none takes over one that is there already."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from fastapi import APIRouter, FastAPI
from fastapi.routing import RouteContext, iter_route_contexts
from starlette.routing import BaseRoute, WebSocketRoute

from app import hookspecs
from app.errors import UserError

if TYPE_CHECKING:
    from app.host import Host

logger = logging.getLogger(__name__)
PAGE_PATHS = ("/", "/config", "/gradio_api/queue/join", "/paintbox/v1/page/reload")
"""Without these there is no page; it answers whatever no route does."""

OF_PAINTBOX = "Paintbox"
PARAMETER = re.compile(r"\{[^}]*\}")
SAMPLE = "0"
"""Stands for any parameter of a path: a number is a text, too."""


class ExtensionRoutes:
    """Adds the routes of the extensions in use after an application's own, and replaces them where they stand when others are in use."""

    def __init__(self, app: FastAPI, host: Host) -> None:
        self._app = app
        self._host = host
        self._place = len(app.router.routes)
        self._patterns: tuple[re.Pattern[str], ...] = ()
        app.include_router(self._all())
        host.extensions.follow(self._renew)

    def has(self, path: str) -> bool:
        """True when an extension answers this path, whatever the method."""
        return any(pattern.match(path) for pattern in self._patterns)

    def _renew(self) -> None:
        # requests that are answered meanwhile see the old routes or the new ones, never none
        self._app.include_router(self._all())
        self._app.router.routes[self._place] = self._app.router.routes.pop()
        self._app.openapi_schema = None

    def _all(self) -> APIRouter:
        """Those of built-in extensions come first, and of two that answer the same the first does."""
        whole = APIRouter()
        taken = [(OF_PAINTBOX, route) for route in _with_paths(self._app.router.routes[: self._place])]
        given = self._host.hooks.collect(hookspecs.register_routes, host=self._host)
        for owned in sorted(given, key=lambda each: not self._is_builtin(each.owner)):
            with self._host.hooks.isolated(owned.owner, "register_routes"):
                if not self._is_builtin(owned.owner):
                    self._give_way(owned.owner, owned.value, taken)
                whole.include_router(owned.value)
                taken.extend((owned.owner, route) for route in _with_paths(owned.value.routes))
        self._patterns = tuple(route.path_regex for owner, route in taken if owner != OF_PAINTBOX)
        return whole

    def _is_builtin(self, owner: str) -> bool:
        return any(report.id == owner and report.is_builtin for report in self._host.extensions)

    def _give_way(self, owner: str, router: APIRouter, taken: Iterable[tuple[str, RouteContext]]) -> None:
        """Tell which routes of a router others answer, and take out those of which nothing is left.

        Raises UserError for one that the page needs.
        """
        for route in _with_paths(router.routes):
            if not self._host.options.nowebui and any(route.path_regex.match(path) for path in PAGE_PATHS):
                raise UserError(f"The route {route.path} would take the place of the page.")
            lost = {method: first for first, other in reversed(list(taken)) for method in _methods(route) & _answered(other, route)}
            for method, first in lost.items():
                words = f"{method} {route.path} is answered by {first}; the route of {owner} is not used."
                logger.warning("%s", words)
                self._host.extensions.warn(owner, words)
            if lost.keys() == _methods(route) and route.original_route in router.routes:
                router.routes.remove(route.original_route)


def _with_paths(routes: Sequence[BaseRoute]) -> list[RouteContext]:
    """Routes and mounts, those of included routers too, that answer paths of one form."""
    return [route for route in iter_route_contexts(routes) if isinstance(getattr(route.original_route, "path_regex", None), re.Pattern)]


def _methods(route: RouteContext) -> set[str]:
    if isinstance(route.original_route, WebSocketRoute):
        return {"WEBSOCKET"}
    return set(route.methods or ("GET",)) - {"HEAD"}


def _answered(other: RouteContext, route: RouteContext) -> set[str]:
    """The methods with which another route would answer this route's path."""
    return _methods(other) if other.path_regex.match(PARAMETER.sub(SAMPLE, str(route.path))) else set()

"""Serves the page, and puts a newly built one in its place while it is used: open pages go on with the one they came from."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.web.problems import problem

logger = logging.getLogger(__name__)
PREFIX = "/page/"
NUMBERED = re.compile(rf"{PREFIX}(\d+)(?=/)")
FILES = "/assets/"
"""Gradio's own scripts and styles: their names change with their content, so browsers may keep them."""
REQUESTS = "/gradio_api/"
"""Where open pages send their requests to, below the root of their build."""
KEPT = 6
"""How many builds can be used by open pages; those of older ones are told to load the page again."""
GONE = 410

PageBuild = Callable[[str], FastAPI]
"""Builds the page whose requests go below a root ("" or "/page/3") and returns an application with the page mounted there."""


def page_root(number: int) -> str:
    """Where requests of the ``number``-th build go; the first one has no root of its own."""
    return "" if number == 1 else f"{PREFIX}{number}"


def without_page_root(path: str) -> str:
    """A path as it would be on the first build's page."""
    return NUMBERED.sub("", path, count=1) if path.startswith(PREFIX) else path


class PageServer:
    """An ASGI application. ``number`` counts the builds; the page itself always comes from the newest."""

    def __init__(self, build: PageBuild) -> None:
        self._build = build
        self._builds: Mapping[int, FastAPI] = {1: build(page_root(1))}
        self._running: dict[int, AsyncExitStack] = {}
        self._is_running = False
        self._begun = 1
        self._lock = asyncio.Lock()

    @property
    def number(self) -> int:
        """The newest build's."""
        return max(self._builds)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """What gradio does beside answering is done inside this context."""
        self._is_running = True
        try:
            await self._start(1)
            yield
        finally:
            self._is_running = False
            for number in list(self._running):
                await self._stop(number)

    async def reload(self) -> int:
        """Build the page anew, and let it take the place of the present one once it is there; returns its number.

        What is asked for while a page is built is answered by one more, whoever asked. An error leaves all as it was.
        """
        wanted = self._begun + 1
        async with self._lock:
            if self.number >= wanted:
                return self.number
            number = self._begun = wanted
            try:
                built = await asyncio.to_thread(self._build, page_root(number))
                self._builds = {**self._builds, number: built}
                await self._start(number)
            except BaseException:
                self._begun, self._builds = number - 1, {each: app for each, app in self._builds.items() if each != number}
                raise
            for old in sorted(self._builds)[:-KEPT]:
                self._builds = {each: app for each, app in self._builds.items() if each != old}
                await self._stop(old)
            return number

    async def _start(self, number: int) -> None:
        if self._is_running:
            app = self._builds[number]
            stack = AsyncExitStack()
            await stack.enter_async_context(app.router.lifespan_context(app))
            self._running[number] = stack

    async def _stop(self, number: int) -> None:
        stack = self._running.pop(number, None)
        if stack is not None:
            await stack.aclose()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request by the build that it belongs to: that of its page, else the newest."""
        root = scope.get("root_path", "")
        path = scope["path"].removeprefix(root)
        numbered = NUMBERED.match(path)
        number = int(numbered.group(1)) if numbered else 1 if path.startswith(REQUESTS) else self.number
        app: ASGIApp | None = self._builds.get(number)
        if app is None:
            await problem(GONE, "UserError", "This page was opened before the interface was rebuilt: load it again.")(scope, receive, send)
            return
        if not numbered and number != 1:
            moved = f"{root}{page_root(number)}{path}"
            scope = {**scope, "path": moved, "raw_path": moved.encode()}
        await app(scope, receive, _to_be_kept(send) if path.startswith(FILES) else send)


def _to_be_kept(send: Send) -> Send:
    """Tell browsers that they need not ask again."""

    async def send_with_header(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == 200:
            MutableHeaders(scope=message)["Cache-Control"] = "public, max-age=31536000, immutable"
        await send(message)

    return send_with_header

"""Serves the page, and puts a newly built one in its place while it is used: open pages go on with the one they came from."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.types import Message, Receive, Scope, Send

from app.web.problems import problem

logger = logging.getLogger(__name__)
PREFIX = "/page/"
ROOTED = re.compile(rf"{PREFIX}(\d+)-([0-9a-f]+)(?=/|$)")
FILES = "/assets/"
"""Gradio's own scripts and styles: their names change with their content, so browsers may keep them."""
KEPT = 6
"""How many builds can be used by open pages; those of older ones are told to load the page again."""
GONE = 410
OUTDATED = "This page was opened before the interface was rebuilt: load it again."


@dataclass(frozen=True)
class BuiltPage:
    """An application with the page mounted at ``root``; the page of another build with the same ``signature`` can use it as well."""

    root: str
    signature: str
    app: FastAPI


PageBuild = Callable[[int], BuiltPage]
"""Builds the page of that number, mounted at its ``page_root``."""


def page_root(number: int, signature: str) -> str:
    """Below this go the requests of a build's pages, so that those of another build, or start of the program, are known."""
    return f"{PREFIX}{number}-{signature}"


def without_page_root(path: str) -> str:
    """A path as it would be on a page without a root."""
    return ROOTED.sub("", path, count=1) if path.startswith(PREFIX) else path


class PageServer:
    """An ASGI application. ``number`` counts the builds; the page itself always comes from the newest."""

    def __init__(self, build: PageBuild) -> None:
        self._build = build
        self._builds: Mapping[int, BuiltPage] = {1: build(1)}
        self._running: dict[int, AsyncExitStack] = {}
        self._is_running = False
        self._begun = 1
        self._lock = asyncio.Lock()

    @property
    def number(self) -> int:
        """The newest build's."""
        return max(self._builds)

    def build_for(self, number: int, signature: str) -> BuiltPage | None:
        """What answers the pages of a build: itself, else the newest that is like it, also one of an earlier start; None where none is."""
        own = self._builds.get(number)
        if own is not None and own.signature == signature:
            return own
        return next((built for _, built in sorted(self._builds.items(), reverse=True) if built.signature == signature), None)

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
                built = await asyncio.to_thread(self._build, number)
                self._builds = {**self._builds, number: built}
                await self._start(number)
            except BaseException:
                self._begun, self._builds = number - 1, {each: page for each, page in self._builds.items() if each != number}
                raise
            for old in sorted(self._builds)[:-KEPT]:
                self._builds = {each: page for each, page in self._builds.items() if each != old}
                await self._stop(old)
            return number

    async def _start(self, number: int) -> None:
        if self._is_running:
            app = self._builds[number].app
            stack = AsyncExitStack()
            await stack.enter_async_context(app.router.lifespan_context(app))
            self._running[number] = stack

    async def _stop(self, number: int) -> None:
        stack = self._running.pop(number, None)
        if stack is not None:
            await stack.aclose()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request by the build that it belongs to: that of its page, else the newest."""
        outer = scope.get("root_path", "")
        path = scope["path"].removeprefix(outer)
        rooted = ROOTED.match(path)
        built = self.build_for(int(rooted.group(1)), rooted.group(2)) if rooted else self._builds[self.number]
        if built is None:
            await problem(GONE, "UserError", OUTDATED)(scope, receive, send)
            return
        moved = f"{outer}{built.root}{path[rooted.end() :] if rooted else path}"
        moving = {**scope, "path": moved, "raw_path": moved.encode()}
        await built.app(moving, receive, _to_be_kept(send) if path.startswith(FILES) else send)


def _to_be_kept(send: Send) -> Send:
    """Tell browsers that they need not ask again."""

    async def send_with_header(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == 200:
            MutableHeaders(scope=message)["Cache-Control"] = "public, max-age=31536000, immutable"
        await send(message)

    return send_with_header

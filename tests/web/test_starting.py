"""What is answered before the page has been built."""

from __future__ import annotations

import asyncio

from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from app.web.starting import StartingApp

BROWSER = [(b"accept", b"text/html,*/*")]


async def ask(app: StartingApp, headers: list[tuple[bytes, bytes]]) -> bytes:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    await app({"type": "http", "method": "GET", "path": "/", "headers": headers}, receive, send)
    return b"".join(message.get("body", b"") for message in sent)


def test_a_browser_gets_a_page_at_once_and_the_real_one_later() -> None:
    async def story() -> None:
        app = StartingApp()
        assert b"Paintbox is starting" in await ask(app, BROWSER)
        app.ready(PlainTextResponse("the page"))
        assert await ask(app, BROWSER) == b"the page"

    asyncio.run(story())


def test_a_program_waits_for_the_real_answer() -> None:
    async def story() -> None:
        app = StartingApp()
        asking = asyncio.create_task(ask(app, []))
        await asyncio.sleep(0)
        assert not asking.done()
        app.ready(PlainTextResponse("the answer"))
        assert await asking == b"the answer"

    asyncio.run(story())


def test_who_still_waits_at_the_end_is_told_so() -> None:
    async def endless(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.Event().wait()

    async def story() -> None:
        app = StartingApp()
        app.ready(endless)
        asking = asyncio.create_task(ask(app, []))
        await asyncio.sleep(0)
        asking.cancel()
        assert b"Paintbox was stopped" in await asking

    asyncio.run(story())

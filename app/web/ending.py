"""Requests that are still open when the program ends are answered in a sentence, and not with a traceback in the log."""

from __future__ import annotations

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.web.problems import problem

UNAVAILABLE = 503


async def answer_to_the_end(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Let ``app`` answer; when the server cancels it, which it does at its end alone, say so unless an answer has begun."""
    begun = False

    async def send_noted(message: Message) -> None:
        nonlocal begun
        begun = True
        await send(message)

    try:
        await app(scope, receive, send_noted)
    except asyncio.CancelledError:
        if scope["type"] == "http" and not begun:
            await problem(UNAVAILABLE, "UserError", "Paintbox was stopped. Ask again when it runs.")(scope, receive, send)

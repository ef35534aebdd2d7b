"""Runs the web server on a socket: answers at once, and builds the application meanwhile."""

from __future__ import annotations

import asyncio
import logging
import socket
import sys
import webbrowser
from typing import TYPE_CHECKING

import uvicorn

from app.net import network_address, page_address
from app.values.options import StartOptions
from app.web.gradio_import import import_gradio
from app.web.starting import StartingApp

if TYPE_CHECKING:
    from fastapi import FastAPI

    from app.host import Host

logger = logging.getLogger(__name__)
GRACE_S = 2
"""How long open requests (event streams above all) may delay the end of the program."""


def run_server(host: Host, listener: socket.socket) -> None:
    """Serve until a signal ends it; the page is built in a thread while the first requests are already answered."""
    asyncio.run(_serve(host, listener))


async def _serve(host: Host, listener: socket.socket) -> None:
    options, starting = host.options, StartingApp()
    config = uvicorn.Config(
        starting,
        lifespan="off",
        log_config=None,
        access_log=False,
        root_path=options.subpath.rstrip("/"),
        ssl_keyfile=options.tls_keyfile or None,
        ssl_certfile=options.tls_certfile or None,
        timeout_keep_alive=options.timeout_keep_alive,
        timeout_graceful_shutdown=GRACE_S,
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        app = await _built(host, serving)
        if app is not None:
            async with app.router.lifespan_context(app):
                starting.ready(app)
                await _announce(options, listener.getsockname()[1])
                await serving
    finally:
        server.should_exit = True
        await asyncio.gather(serving, return_exceptions=True)


async def _built(host: Host, serving: asyncio.Task[None]) -> FastAPI | None:
    """The application, or None when the server was ended before it was there."""
    building = asyncio.create_task(asyncio.to_thread(_build, host))
    await asyncio.wait({building, serving}, return_when=asyncio.FIRST_COMPLETED)
    return await building if building.done() else None


def _build(host: Host) -> FastAPI:
    import_gradio()  # takes a second or two
    from app.web.server import create_app

    return create_app(host)


async def _announce(options: StartOptions, port: int) -> None:
    url = f"{page_address(options.model_copy(update={'port': port}))}{options.subpath.rstrip('/')}/"
    sys.stdout.write(f"Running on local URL:  {url}\n")
    outside = network_address(options.model_copy(update={"port": port}))
    if outside:
        sys.stdout.write(f"From other machines:   {outside}{options.subpath.rstrip('/')}/\n")
    sys.stdout.flush()
    if options.autolaunch:
        await asyncio.to_thread(webbrowser.open, f"{url}?__theme={options.theme}" if options.theme else url)

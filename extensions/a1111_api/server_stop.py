"""--api-server-stop: routes by which a client ends the program."""

from __future__ import annotations

import signal

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse
from starlette.background import BackgroundTask

NO_RESTART = "Paintbox cannot restart itself; stop it and let your start script start it again."


def add_server_routes(router: APIRouter) -> None:
    """``/server-kill``, ``/server-stop`` and ``/server-restart``, as A1111 has them."""

    @router.post("/server-kill", summary="End the program", response_class=PlainTextResponse)
    @router.post("/server-stop", summary="End the program", response_class=PlainTextResponse)
    def stop() -> PlainTextResponse:
        return PlainTextResponse("Stopping.", background=BackgroundTask(signal.raise_signal, signal.SIGINT))

    @router.post("/server-restart", summary="Not possible; says so", response_class=PlainTextResponse)
    def restart() -> PlainTextResponse:
        return PlainTextResponse(NO_RESTART, status_code=501)

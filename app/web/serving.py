"""Running the web server on an open port until it is told to stop."""

from __future__ import annotations

import logging
import socket
import threading
import webbrowser
from collections.abc import Callable

import uvicorn

from app.host import Host
from app.values.options import StartOptions
from app.web.server import create_app

logger = logging.getLogger(__name__)
SHUTDOWN_S = 2
"""How long open connections (event streams) may take to end."""


class _Server(uvicorn.Server):
    """uvicorn that says when it is ready."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start as usual, then tell."""
        await super().startup(sockets)
        if self.started:
            self._on_ready()


def run_server(host: Host, listener: socket.socket) -> None:
    """Serve the page and the API; returns (or raises KeyboardInterrupt) when the program is to end."""
    options = host.options
    config = uvicorn.Config(
        create_app(host),
        log_config=None,
        access_log=False,
        root_path=options.subpath.rstrip("/"),
        ssl_keyfile=options.tls_keyfile or None,
        ssl_certfile=options.tls_certfile or None,
        timeout_graceful_shutdown=SHUTDOWN_S,
    )
    _Server(config, lambda: _announce(options)).run(sockets=[listener])


def page_address(options: StartOptions) -> str:
    """What to type into a browser on this machine."""
    name = "127.0.0.1" if options.host_name in ("0.0.0.0", "::") else options.host_name
    scheme = "https" if options.tls_certfile else "http"
    return f"{scheme}://[{name}]:{options.port}" if ":" in name else f"{scheme}://{name}:{options.port}"


def _announce(options: StartOptions) -> None:
    address = page_address(options)
    logger.info("Paintbox is ready at %s", address)
    if options.autolaunch:
        threading.Thread(target=webbrowser.open, args=(address,), name="browser", daemon=True).start()

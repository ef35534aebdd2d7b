"""A browser's or client's end of a host for tests: the real web application, without a socket or behind one."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from starlette.testclient import TestClient

from app.host import Host
from app.testing.executors import ExecutorPlugin
from app.testing.inline import InlineExecutor
from app.testing.tiny import TinyPlugin, write_tiny_checkpoint

ADDRESS = "http://127.0.0.1:7860"


def with_tiny_worker(host: Host, *checkpoints: str) -> InlineExecutor:
    """Give a host that does not run yet the tiny family, these checkpoints of it, and an executor that draws in this process."""
    for seed, name in enumerate(checkpoints):
        write_tiny_checkpoint(Path(host.paths.models) / "Stable-diffusion" / name, seed)
    executor = InlineExecutor(host)
    host.hooks.register("tiny", TinyPlugin())
    host.hooks.register("inline", ExecutorPlugin(executor))
    host.refill()
    return executor


@contextmanager
def running_client(host: Host) -> Iterator[TestClient]:
    """Bring the host to life and talk to its web application."""
    from app.web.server import create_app

    with host.running(), TestClient(create_app(host), base_url=ADDRESS, client=("127.0.0.1", 50000)) as client:
        yield client


def page_head(host: Host) -> str:
    """What the page's head names: scripts and styles."""
    from app.web.assets import head_html

    return head_html(host)


@contextmanager
def served(host: Host) -> Iterator[str]:
    """Bring the host to life behind a real socket; gives the address."""
    import uvicorn

    from app.web.server import create_app

    with host.running(), socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(create_app(host), log_config=None, access_log=False, timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(timeout=30)

"""A whole site for tests: a host with a staged executor, its application, and a client that talks to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pytest
from starlette.testclient import TestClient

from app.api import hookimpl
from app.host import Host
from app.testing.hosts import HostMaker
from tests.web.staged import StagedExecutor

ORIGIN = "http://127.0.0.1:7860"


@dataclass(frozen=True)
class Site:
    """One running site; ``client`` is a program on this machine without a password."""

    host: Host
    client: TestClient
    executor: StagedExecutor

    def other_client(self, **headers: str) -> TestClient:
        """Another visitor, with headers of its own and an empty cookie jar."""
        return TestClient(self.client.app, base_url=ORIGIN, headers=headers, raise_server_exceptions=False, follow_redirects=False)


class SiteMaker(Protocol):
    """The fixture ``make_site``."""

    def __call__(self, *extensions: str, **options: Any) -> Site:
        """Start a site with these extensions; ``options`` are fields of StartOptions."""
        ...


class StagedPlugin:
    """What an extension would register for the staged executor."""

    def __init__(self, executor: StagedExecutor) -> None:
        self._executor = executor

    @hookimpl
    def register_executors(self, host: Host) -> list[StagedExecutor]:
        return [self._executor]


@pytest.fixture
def make_site(make_host: HostMaker, tmp_path: Path) -> Iterator[SiteMaker]:
    """Start sites with a staged executor; they end with the test."""
    from app.web.server import create_app

    with ExitStack() as stack:

        def make(*extensions: str, **options: Any) -> Site:
            host = make_host("samplers", "noise_schedules", *extensions, **{"settings": {"executor": "staged"}, **options})
            executor = StagedExecutor(tmp_path / "outputs")
            host.hooks.register("staged", StagedPlugin(executor))
            stack.enter_context(host.running())
            client = TestClient(create_app(host), base_url=ORIGIN, raise_server_exceptions=False, follow_redirects=False)
            return Site(host, client, executor)

        yield make


@pytest.fixture
def site(make_site: SiteMaker) -> Site:
    """A site without the page: the quickest one."""
    return make_site(nowebui=True)

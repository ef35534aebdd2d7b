"""A site whose extensions may come from folders of the test, and whose pip knows the test's wheels alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.api import ExtensionStore, Host, StartOptions
from app.testing.hosts import forgetting_extensions
from app.testing.installing import folder_git, pip_environment
from extensions.extension_manager.manager import MANAGER, Manager

LIMIT = ("extension_manager", "styles", "mine", "late", "foreign", "guard", "broken")
ADDRESS = "/paintbox/v1/extensions"


@dataclass(frozen=True)
class Site:
    """A running site; ``data`` is its data folder."""

    host: Host
    client: TestClient
    data: Path

    def get(self, path: str = "") -> Any:
        """What one of the tab's addresses answers."""
        return self.client.get(f"{ADDRESS}{path}").json()

    def extension(self, name: str) -> Any:
        """One of the listed extensions."""
        return next(each for each in self.get()["extensions"] if each["id"] == name)

    def post(self, path: str, body: Any = None, status: int = 200) -> Any:
        """Ask for a change."""
        answer = self.client.post(f"{ADDRESS}{path}", json={} if body is None else body)
        assert answer.status_code == status, answer.text
        return answer.json()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Any]:
    """Start a site: ``start(listen=True)``."""
    from app.testing.hosts import limited_host
    from app.testing.web import running_client

    (tmp_path / "data" / "extensions").mkdir(parents=True)
    (tmp_path / "wheels").mkdir()
    with forgetting_extensions(), ExitStack() as stack:

        def run(**options: Any) -> Site:
            host = limited_host(tmp_path / "data", LIMIT, StartOptions.model_validate({"nowebui": True, **options}))
            client = stack.enter_context(running_client(host))
            store = ExtensionStore(host.paths, folder_git(), pip_environment(tmp_path / "wheels"))
            host.stash[MANAGER] = Manager(host, store)
            return Site(host, client, tmp_path / "data")

        yield run

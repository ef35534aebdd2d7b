"""Licences: what is carried and installed is listed with its text, and no other file can be read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from app.testing import HostMaker
from app.testing.web import running_client

ADDRESS = "/paintbox/v1/licenses"


@pytest.fixture
def client(make_host: HostMaker) -> Iterator[TestClient]:
    with running_client(make_host("licenses", "stable_diffusion", nowebui=True)) as client:
        yield client


def test_packages_and_carried_data_are_listed_with_their_texts(client: TestClient) -> None:
    listed = {each["id"]: each for each in client.get(ADDRESS).json()}
    assert listed["package:fastapi"]["licence"].startswith("MIT")
    carried = [name for name in listed if name.startswith("carried:")]
    assert "carried:LICENSE" in carried and "carried:extensions/stable_diffusion/tokenizer/LICENSE" in carried
    assert "Apache License" in client.get(f"{ADDRESS}/text", params={"id": "carried:LICENSE"}).text
    assert "MIT" in client.get(f"{ADDRESS}/text", params={"id": "package:pluggy"}).text


@pytest.mark.parametrize("name", ["carried:../../etc/passwd", "carried:/etc/passwd", "package:../x", "x", "", "carried:app/host.py"])
def test_nothing_else_can_be_read(client: TestClient, name: str) -> None:
    assert client.get(f"{ADDRESS}/text", params={"id": name}).status_code == 404

"""What the tests of generation share."""

from __future__ import annotations

import pytest

from app.host import build_host
from app.values.options import StartOptions


@pytest.fixture(scope="session")
def host(tmp_path_factory):
    """A worker's host with the built-in extensions and empty folders."""
    data = tmp_path_factory.mktemp("data")
    return build_host(StartOptions(data_dir=str(data)), "worker", environment={}, with_packages=False)


@pytest.fixture(scope="session")
def samplers(host):
    """The registered samplers."""
    return host.samplers


@pytest.fixture(scope="session")
def schedules(host):
    """The registered noise schedules."""
    return host.schedules

"""What the tests of generation share: hosts with the built-in samplers, and with tiny checkpoints to draw with."""

from __future__ import annotations

import pytest

from app.testing.drawing import drawing_host
from app.testing.hosts import temporary_host


@pytest.fixture(scope="session")
def builtin_host(tmp_path_factory):
    """A worker's host with all built-in extensions and empty folders."""
    return temporary_host(tmp_path_factory.mktemp("data"), None, role="worker")


@pytest.fixture(scope="session")
def samplers(builtin_host):
    """The registered samplers."""
    return builtin_host.samplers


@pytest.fixture(scope="session")
def schedules(builtin_host):
    """The registered noise schedules."""
    return builtin_host.schedules


@pytest.fixture
def host(tmp_path):
    """A worker's host with samplers, schedules and one tiny checkpoint, "first"."""
    with drawing_host(tmp_path) as made:
        yield made

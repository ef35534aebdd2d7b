"""What the tests of generation share: hosts with the built-in samplers, and with tiny checkpoints to draw with."""

from __future__ import annotations

import pytest

from app.testing.hosts import temporary_host
from app.testing.tiny import TinyPlugin, write_tiny_checkpoint


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
    write_tiny_checkpoint(tmp_path / "models" / "Stable-diffusion" / "first.safetensors")
    made = temporary_host(tmp_path, ["samplers", "noise_schedules"], role="worker")
    made.hooks.register("tiny", TinyPlugin())
    made.refill()
    with made.running():
        yield made

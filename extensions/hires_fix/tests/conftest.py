"""A worker's host with hires fix and two tiny checkpoints."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.api import Host
from app.testing.hosts import temporary_host
from app.testing.tiny import TinyPlugin, write_tiny_checkpoint


@pytest.fixture
def host(tmp_path) -> Iterator[Host]:
    for seed, name in enumerate(("first", "second")):
        write_tiny_checkpoint(tmp_path / "models" / "Stable-diffusion" / f"{name}.safetensors", seed)
    made = temporary_host(tmp_path, ["hires_fix", "samplers", "noise_schedules", "a1111_infotext", "styles"], role="worker")
    made.hooks.register("tiny", TinyPlugin())
    made.refill()
    with made.running():
        yield made

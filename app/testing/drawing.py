"""A worker's host that draws with the tiny family in the test's own process, the pictures it is given and those that it draws."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from app.host import Host, Role
from app.testing.hosts import temporary_host
from app.testing.tiny import TinyPlugin, write_tiny_checkpoint
from app.values.job import SavedImage


def tiny_host(
    data: Path,
    *extensions: str,
    checkpoints: Sequence[str] = ("first",),
    role: Role = "worker",
    plugins: Sequence[object] = (),
    **options: Any,
) -> Host:
    """A host with these extensions, samplers, schedules and checkpoints; ``plugins`` are further ones, ``options`` of StartOptions."""
    for seed, name in enumerate(checkpoints):
        write_tiny_checkpoint(data / "models" / "Stable-diffusion" / f"{name}.safetensors", seed)
    host = temporary_host(data, [*extensions, "samplers", "noise_schedules"], role=role, options=options)
    for plugin in (TinyPlugin(), *plugins):
        host.hooks.register(type(plugin).__name__, plugin)
    host.refill()
    return host


@contextmanager
def drawing_host(data: Path, *extensions: str, **how: Any) -> Iterator[Host]:
    """A ``tiny_host`` that runs."""
    host = tiny_host(data, *extensions, **how)
    with host.running():
        yield host


def put_picture(host: Host, picture: Image.Image, owner: str = "") -> str:
    """Take in a picture as its owner would; returns its name in requests."""
    data = io.BytesIO()
    picture.save(data, "PNG")
    return host.inputs.put(data.getvalue(), owner).ref


def pixels_of(image: SavedImage) -> Any:
    """A picture that was drawn, as integers (H, W, 3)."""
    return np.asarray(Image.open(image.path).convert("RGB")).astype(int)

"""Room for large intermediate tensors: on a device, or in files that vanish afterwards."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from torch import Tensor

from app.contracts import Scratch


def scratch_on(device: str | torch.device) -> Scratch:
    """In the memory of a device."""
    return lambda shape, dtype: torch.empty(shape, dtype=dtype, device=device)


@contextmanager
def scratch_in(folder: Path) -> Iterator[Scratch]:
    """In files in ``folder``, mapped into memory: the system keeps of them what it has room for; nothing is made before it is needed."""
    count, place = 0, ""
    with ExitStack() as stack:

        def room(shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
            nonlocal count, place
            if not place:
                folder.mkdir(parents=True, exist_ok=True)
                place = stack.enter_context(TemporaryDirectory(prefix="scratch-", dir=folder, ignore_cleanup_errors=True))
            count += 1
            file = Path(place) / f"{count}.bin"
            size = math.prod(shape)
            with file.open("wb") as stream:
                stream.truncate(size * dtype.itemsize)
            tensor = torch.from_file(str(file), shared=True, size=size, dtype=dtype).view(shape)
            _forget(file)
            return tensor

        yield room


def _forget(file: Path) -> None:
    """Remove the name at once, so that a crash leaves nothing; where a mapped file cannot be removed, the folder goes later."""
    try:
        file.unlink()
    except OSError:
        return

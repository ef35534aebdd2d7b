"""What the web process keeps while it runs: uploads, downloads, and the rules of the network."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.api import StashKey

from .network import Network
from .shelf import Shelf
from .uploads import UploadStore

if TYPE_CHECKING:
    from app.api import Host


@dataclass
class Work:
    """``network`` may be exchanged, for tests with a server of their own."""

    uploads: UploadStore
    shelf: Shelf
    network: Network


WORK = StashKey[Work]("work on model files")


@contextmanager
def keep_work(host: Host) -> Iterator[None]:
    """Open it, and delete what has been waiting too long."""
    folder = host.paths.data / "tmp" / "model_files"
    work = Work(UploadStore(folder / "uploads", host), Shelf(folder / "downloads"), Network())
    work.uploads.sweep()
    work.shelf.sweep()
    host.stash[WORK] = work
    try:
        yield
    finally:
        del host.stash[WORK]

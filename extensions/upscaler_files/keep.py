"""Keeps the upscaling network that was used last; no torch until one is loaded."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from app.api import StashKey
from extensions.upscaler_files.files import refused

if TYPE_CHECKING:
    from app.api import Host
    from extensions.upscaler_files.loaded import Network


class LastNetwork:
    """The network that was used last; another one takes its place."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._key: tuple[object, ...] = ()
        self._network: Network | None = None

    def get(self, path: str, device: str) -> Network:
        """The network of a file on a device; raises ModelFileError that names the file."""
        from extensions.upscaler_files.loaded import load_network

        try:
            stat = Path(path).stat()
        except OSError as error:
            raise refused(path, f"it cannot be read ({error.strerror})") from error
        key = (path, stat.st_mtime_ns, stat.st_size, device)
        with self._lock:
            if self._network is None or key != self._key:
                self._network = None
                self._network, self._key = load_network(path, device), key
            return self._network


LAST = StashKey[LastNetwork]("the upscaling network in use")


@contextmanager
def keeping_last(host: Host) -> Iterator[None]:
    """Keep it while the host runs."""
    host.stash[LAST] = LastNetwork()
    try:
        yield
    finally:
        del host.stash[LAST]

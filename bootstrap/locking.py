"""Lets one start install at a time; the system frees the lock even if its holder is killed."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bootstrap.console import BootstrapError, say


@contextmanager
def only_one(path: Path) -> Iterator[int]:
    """Hold the lock file; wait, and say so, while another process holds it.

    Gives the file's descriptor: a child process that inherits it holds the lock on, should this process be killed.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise BootstrapError(
            f"{path.parent} cannot be written to ({error.strerror})", "move the Paintbox folder to where you may write, then start again"
        ) from error
    try:
        if not _try_lock(descriptor):
            say("Another start of Paintbox is installing; waiting until it has finished.")
            _wait_for_lock(descriptor)
        yield descriptor
    finally:
        os.close(descriptor)


if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _wait_for_lock(descriptor: int) -> None:
        while not _try_lock(descriptor):
            time.sleep(0.5)

else:
    import fcntl

    def _try_lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _wait_for_lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX)

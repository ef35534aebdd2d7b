"""Naming the extension behind an error in a thread."""

from __future__ import annotations

import logging
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType

from app.extension_report import Extensions
from app.hooks import Failure, describe_error

logger = logging.getLogger(__name__)


@contextmanager
def watch_threads(extensions: Extensions, report: Callable[[Failure], None]) -> Iterator[None]:
    """Report errors that end a thread with the extension whose code is in the traceback; others go to the usual place."""
    previous = threading.excepthook

    def on_error(args: threading.ExceptHookArgs) -> None:
        owner = _owner(args.exc_traceback, extensions)
        if owner is None or args.exc_value is None:
            previous(args)
            return
        name = args.thread.name if args.thread is not None else "?"
        text = "".join(traceback.format_exception(args.exc_value))
        report(Failure(owner, f"the thread {name!r}", describe_error(args.exc_value), text))

    threading.excepthook = on_error
    try:
        yield
    finally:
        threading.excepthook = previous


def _owner(trace: TracebackType | None, extensions: Extensions) -> str | None:
    """The innermost extension on the stack."""
    files = [frame.f_code.co_filename for frame, _ in traceback.walk_tb(trace)]
    for file in reversed(files):
        owner = extensions.owner_of(file)
        if owner is not None:
            return owner
    return None

"""The console log: plain lines without passwords."""

from __future__ import annotations

import logging
import re
import sys
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

FORMAT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"
TIME_FORMAT = "%H:%M:%S"
HIDDEN = "•••"
SHORTEST_SECRET = 4
TALKATIVE = ("uvicorn", "httpx", "httpcore", "asyncio", "PIL")
"""Libraries that are heard only when something is wrong, or at level DEBUG."""


class RedactingFormatter(logging.Formatter):
    """Formats a record and then replaces every secret in it, tracebacks included."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__(FORMAT, TIME_FORMAT)
        texts = sorted((text for text in secrets if len(text) >= SHORTEST_SECRET), key=len, reverse=True)
        self._pattern = re.compile("|".join(re.escape(text) for text in texts)) if texts else None

    def format(self, record: logging.LogRecord) -> str:
        """One record as text."""
        text = super().format(record)
        return self._pattern.sub(HIDDEN, text) if self._pattern else text


@contextmanager
def console_log(level: str, secrets: Iterable[str] = ()) -> Iterator[None]:
    """Log to stderr for the length of the context; the loggers are left as they were."""
    root = logging.getLogger()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(RedactingFormatter(secrets))
    levels = {root: level.upper()}
    if level.upper() != "DEBUG":
        levels |= {logging.getLogger(name): "WARNING" for name in TALKATIVE}
    before = {logger: logger.level for logger in levels}
    root.addHandler(handler)
    warnings.filterwarnings("ignore", module="PIL")  # about damaged pictures, which are refused or read with their own sentence
    try:
        for logger, wanted in levels.items():
            logger.setLevel(wanted)
        yield
    finally:
        root.removeHandler(handler)
        for logger, old in before.items():
            logger.setLevel(old)

"""The contexts that extensions keep open while the host runs: each can be left alone, and all are left in reverse order."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack

from app.values.owned import Owned

Isolate = Callable[[str, str], AbstractContextManager[None]]


class Lifespans:
    """``isolated(owner, where)`` reports what fails inside of it, so that it stops nobody else."""

    def __init__(self, isolated: Isolate) -> None:
        self._isolated = isolated
        self._open: list[tuple[str, ExitStack]] = []

    def enter(self, owned: Owned[AbstractContextManager[None]]) -> None:
        """Enter one extension's context."""
        with ExitStack() as inside:
            with self._isolated(owned.owner, "lifespan"):
                inside.enter_context(owned.value)
            self._open.append((owned.owner, inside.pop_all()))

    def leave(self, owner: str | None = None) -> None:
        """Leave the contexts of one extension, or all, the last one first."""
        leaving = [entry for entry in self._open if owner in (None, entry[0])]
        self._open = [entry for entry in self._open if entry not in leaving]
        for name, stack in reversed(leaving):
            with self._isolated(name, "the end of its lifespan"):
                stack.close()

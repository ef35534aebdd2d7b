"""The machine that pickles are programs for: a stack, a memo, and strict limits; its instructions are in ``opcodes.py``.

Format: https://github.com/python/cpython/blob/main/Lib/pickletools.py describes every instruction.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from app.weights.pickles import limits
from app.weights.pickles.refusal import Damaged
from app.weights.pickles.source import Source

ITEM_COST = 100
"""Bytes charged for an item of a collection, more than it takes."""
_CLOCK_EVERY = 1024
Instruction = Callable[["Machine"], None]


class Machine:
    """Runs one pickle; values that it makes are plain (see ``values.py``) or objects of ``objects.py``."""

    __slots__ = ("_deadline", "_left_bytes", "_left_steps", "_until_clock", "item_bytes", "marks", "memo", "source", "stack")

    def __init__(self, source: Source) -> None:
        self.source = source
        self.stack: list[object] = []
        self.marks: list[list[object]] = []
        self.memo: dict[int, object] = {}
        self.item_bytes: dict[str, int] = {}
        """Bytes of an element of each storage that was referred to."""
        self._left_bytes = limits.MAX_MEMORY_BYTES
        self._left_steps = limits.MAX_INSTRUCTIONS
        self._until_clock = _CLOCK_EVERY
        self._deadline = time.monotonic() + limits.MAX_SECONDS

    def run(self, instructions: Mapping[bytes, Instruction], end: bytes) -> object:
        """Follow the program until its end; returns its value. Raises Unsafe, Damaged."""
        source = self.source
        while (code := source.take(1)) != end:
            action = instructions.get(code)
            if action is None:
                raise Damaged(f"has the unknown instruction 0x{code.hex()}")
            self.spend(1)
            action(self)
        return self.pop()

    def spend(self, steps: int) -> None:
        """Count work; raises Damaged when it is too much or takes too long."""
        self._left_steps -= steps
        self._until_clock -= steps
        if self._left_steps < 0:
            raise Damaged("takes more steps to read than a model file needs")
        if self._until_clock < 0:
            self._until_clock = _CLOCK_EVERY
            if time.monotonic() > self._deadline:
                raise Damaged("takes longer to read than a model file needs")

    def charge(self, count: int) -> None:
        """Count memory; raises Damaged when it is too much."""
        self._left_bytes -= count
        if self._left_bytes < 0:
            raise Damaged("takes more memory to read than a model file needs")

    def pop(self) -> object:
        """Take the value on top."""
        if not self.stack:
            raise Damaged("takes a value where there is none")
        return self.stack.pop()

    def top(self) -> object:
        """Look at the value on top."""
        if not self.stack:
            raise Damaged("uses a value where there is none")
        return self.stack[-1]

    def push(self, value: object, cost: int = 16) -> None:
        """Put a value on top; ``cost``: about how many bytes it takes."""
        self.charge(cost)
        self.stack.append(value)

    def mark(self) -> None:
        """Begin a list of values."""
        if len(self.marks) >= limits.MAX_DEPTH:
            raise Damaged(f"is nested more than {limits.MAX_DEPTH} levels deep")
        self.marks.append(self.stack)
        self.stack = []

    def pop_marked(self) -> list[object]:
        """Take the values since the last mark."""
        if not self.marks:
            raise Damaged("ends a list that was not begun")
        items = self.stack
        self.stack = self.marks.pop()
        self.spend(len(items))
        return items

    def remember(self, key: int) -> None:
        """Note the value on top under a number."""
        self.charge(ITEM_COST)
        self.memo[key] = self.top()

    def recall(self, key: int) -> None:
        """Put a noted value on top."""
        if key not in self.memo:
            raise Damaged("refers to a value that it has not noted")
        self.push(self.memo[key])

"""Weights of options, among which one is found, or taken away, without going through all of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

UNITS = 1_000_000
"""Weights have six digits after the point at most, so that whole numbers of millionths add up exactly."""


class Sums:
    """Whole numbers at places, with the sums of all before a place kept in a tree (Fenwick 1994): each step takes O(log n)."""

    def __init__(self, numbers: Sequence[int]) -> None:
        self.total = sum(numbers)
        self._numbers = list(numbers)
        self._tree = [0, *numbers]
        for node in range(1, len(self._tree)):
            parent = node + (node & -node)
            if parent < len(self._tree):
                self._tree[parent] += self._tree[node]

    def copy(self) -> Sums:
        """The same numbers, which can be taken away without a change here."""
        same = Sums(())
        same.total, same._numbers, same._tree = self.total, self._numbers.copy(), self._tree.copy()
        return same

    def place(self, share: float) -> int:
        """The place at this share (0 to below 1) of the total, which is more than 0; never one whose number is 0."""
        left = min(int(share * self.total), self.total - 1)
        found, step = 0, 1 << (len(self._numbers).bit_length() - 1)
        while step:
            if found + step < len(self._tree) and self._tree[found + step] <= left:
                found += step
                left -= self._tree[found]
            step >>= 1
        return found

    def take(self, place: int) -> None:
        """Make the number at a place 0."""
        number, self._numbers[place] = self._numbers[place], 0
        self.total -= number
        node = place + 1
        while node < len(self._tree):
            self._tree[node] -= number
            node += node & -node


class Weights:
    """One for each option; all alike count where they are all zero."""

    def __init__(self, values: Iterable[float]) -> None:
        self._units = [round(value * UNITS) for value in values]

    def __len__(self) -> int:
        return len(self._units)

    @cached_property
    def sums(self) -> Sums:
        """By weight; never to be changed."""
        found = Sums(self._units)
        return found if found.total else self.even

    @cached_property
    def even(self) -> Sums:
        """As if all had the same; never to be changed."""
        return Sums([1] * len(self._units))

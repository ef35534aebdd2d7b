"""Who chooses: chance with a seed, or everything in turn."""

from __future__ import annotations

import math
import random
from typing import Protocol

from extensions.dynamic_prompts.nodes import Mode
from extensions.dynamic_prompts.weights import Weights


class Chooser(Protocol):
    """Chooses among options by their places."""

    def one(self, weights: Weights, mode: Mode) -> int:
        """The place of one of at least one option."""
        ...

    def several(self, weights: Weights, count: tuple[int, int]) -> list[int]:
        """Different places, between so many and so many of them, or all where there are fewer."""
        ...


class SeededChooser:
    """Equal seeds choose equally, on every machine; ``number`` is that of the picture, for what goes one after the other."""

    def __init__(self, seed: int, number: int = 0) -> None:
        self._random = random.Random(f"dynamic prompts {seed}")
        self._number = number

    def one(self, weights: Weights, mode: Mode) -> int:
        """By weight; all alike where the weights are all zero."""
        if mode == "@":
            return self._number % len(weights)
        return weights.sums.place(self._random.random())

    def several(self, weights: Weights, count: tuple[int, int]) -> list[int]:
        """One after the other by weight, each at most once."""
        low, high = _bounded(count, len(weights))
        wanted = low + int(self._random.random() * (high - low + 1))
        left, taken = weights.sums.copy(), list[int]()
        while len(taken) < wanted:
            if left.total == 0:
                left = weights.even.copy()
                for place in taken:
                    left.take(place)
            taken.append(left.place(self._random.random()))
            left.take(taken[-1])
        return taken


class EveryChoice:
    """Goes through all combinations: after each text ``advance`` moves to the next one, as long as there is one."""

    def __init__(self) -> None:
        self._taken: list[int] = []
        self._of: list[int] = []
        self._place = 0

    def advance(self) -> bool:
        """Get ready for the next combination; False when that was the last. The last choice of a text changes first."""
        del self._taken[self._place :], self._of[self._place :]
        self._place = 0
        while self._taken:
            if self._taken[-1] + 1 < self._of[-1]:
                self._taken[-1] += 1
                return True
            self._taken.pop()
            self._of.pop()
        return False

    def one(self, weights: Weights, mode: Mode) -> int:
        """Each in turn, whatever its weight."""
        return self._next(len(weights))

    def several(self, weights: Weights, count: tuple[int, int]) -> list[int]:
        """Each number of them in turn, and of each number every combination in the order of the options."""
        low, high = _bounded(count, len(weights))
        wanted = low + self._next(high - low + 1)
        return _combination(len(weights), wanted, self._next(math.comb(len(weights), wanted)))

    def _next(self, count: int) -> int:
        if self._place == len(self._taken):
            self._taken.append(0)
            self._of.append(count)
        self._place += 1
        return self._taken[self._place - 1]


def _bounded(count: tuple[int, int], options: int) -> tuple[int, int]:
    return min(count[0], options), min(count[1], options)


def _combination(count: int, size: int, number: int) -> list[int]:
    """Combination ``number`` of ``size`` among ``count`` places, in lexicographic order."""
    chosen: list[int] = []
    for place in range(count):
        if len(chosen) == size:
            break
        with_it = math.comb(count - place - 1, size - len(chosen) - 1)
        if number < with_it:
            chosen.append(place)
        else:
            number -= with_it
    return chosen

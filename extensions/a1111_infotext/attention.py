"""Writes weights of words in A1111's notation, for prompts whose groups were read in another program's."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

ONE = Decimal(1)
LEAST, MOST = Decimal("0.001"), Decimal(1000)
SIGNS = frozenset("()[]\\")


@dataclass(frozen=True)
class Weighted:
    """Text in A1111's notation and the weight of all of it."""

    text: str
    weight: Decimal

    def __str__(self) -> str:
        """``(text:1.21)``; the bare text at weight 1."""
        if self.weight == ONE or not self.text.strip():
            return self.text
        weight = float(min(MOST, max(LEAST, self.weight)))
        return f"({self.text}:{int(weight) if weight.is_integer() else weight})"


class WeightedText:
    """Takes a prompt from left to right: text, beginnings of groups, and ends of groups with their weights."""

    def __init__(self) -> None:
        self._open: list[list[str | Weighted]] = [[]]

    def add(self, text: str, weight: Decimal = ONE) -> None:
        """Text as it is in A1111's notation."""
        self._open[-1].append(text if weight == ONE else Weighted(text, weight))

    def literal(self, sign: str) -> None:
        """Text that stands for itself, or one sign of it: A1111 needs a backslash before brackets and backslashes."""
        self.add(f"\\{sign}" if sign in SIGNS else sign)

    def begin(self) -> None:
        """A group begins."""
        self._open.append([])

    def end(self, weight: Decimal) -> None:
        """The innermost group ends; a group that is all of another one makes one group of both weights."""
        parts = self._open.pop()
        if len(parts) == 1 and isinstance(parts[0], Weighted):
            self._open[-1].append(Weighted(parts[0].text, parts[0].weight * weight))
        else:
            self._open[-1].append(Weighted("".join(map(str, parts)), weight))

    def __str__(self) -> str:
        """The whole; what is still open ends here with the weight 1."""
        return "".join(str(part) for parts in self._open for part in parts)

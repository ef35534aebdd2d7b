"""A typed place for state that extensions keep on the host instead of in modules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, cast

T = TypeVar("T")
D = TypeVar("D")


class StashKey(Generic[T]):
    """Names one entry of a Stash and its type; make one per module: ``GALLERY = StashKey[Gallery]("gallery")``."""

    def __init__(self, name: str = "") -> None:
        self.name = name

    def __repr__(self) -> str:
        """Show the name in error messages."""
        return f"StashKey({self.name!r})"


class Stash:
    """A mapping in which every key knows the type of its value."""

    def __init__(self) -> None:
        self._values: dict[StashKey[Any], object] = {}

    def __setitem__(self, key: StashKey[T], value: T) -> None:
        """Put a value."""
        self._values[key] = value

    def __getitem__(self, key: StashKey[T]) -> T:
        """Take a value; KeyError when nobody put one (its owner's ``lifespan`` did not run)."""
        return cast("T", self._values[key])

    def get(self, key: StashKey[T], default: D) -> T | D:
        """Take a value, or the default."""
        return cast("T", self._values[key]) if key in self._values else default

    def made(self, key: StashKey[T], make: Callable[[], T]) -> T:
        """Take a value; the first who asks for it makes it."""
        if key not in self._values:
            self._values[key] = make()
        return self[key]

    def __delitem__(self, key: StashKey[T]) -> None:
        """Remove a value."""
        del self._values[key]

    def __contains__(self, key: StashKey[T]) -> bool:
        """True when there is a value."""
        return key in self._values

    def names(self) -> list[str]:
        """Names of the keys that have a value."""
        return sorted(key.name for key in self._values)

    def __len__(self) -> int:
        """How many values are kept."""
        return len(self._values)

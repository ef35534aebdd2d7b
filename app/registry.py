"""Things that extensions registered, by name, with their owner."""

from __future__ import annotations

import difflib
import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from app.errors import NotFoundError
from app.values.owned import Owned

logger = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(frozen=True)
class Listed(Generic[T]):
    """Things that come and go while the program runs, such as those that are files: ``listed`` gives those of now.

    ``state`` is quick, and another value than before when ``listed`` may give something else than then; ``name`` is for messages.
    """

    name: str
    listed: Callable[[], Iterable[T]]
    state: Callable[[], object]
    order: int = 0


class Registry(Generic[T]):
    """A set of registered things in a fixed order; names are unique.

    ``noun`` is used in messages ("sampler"); ``name_of`` gives a thing's id, ``aliases_of`` further names it is found by.
    """

    def __init__(self, noun: str, name_of: Callable[[T], str], aliases_of: Callable[[T], Iterable[str]] = lambda item: ()) -> None:
        self.noun = noun
        self._name_of = name_of
        self._aliases_of = aliases_of
        self._kept: dict[str, Owned[T]] = {}

    def name_of(self, item: T) -> str:
        """The id of a thing; raises whatever comes of asking something that is not of this kind."""
        return self._name_of(item)

    def _items(self) -> dict[str, Owned[T]]:
        return self._kept

    def fill(self, items: Iterable[Owned[T]]) -> list[Owned[str]]:
        """Replace the content; returns a sentence, for its owner, about every item left out because its name was taken."""
        kept: dict[str, Owned[T]] = {}
        refused: list[Owned[str]] = []
        for item in sorted(items, key=lambda owned: getattr(owned.value, "order", 0)):
            name = self._name_of(item.value)
            if name in kept:
                sentence = f"The {self.noun} {name!r} of {item.owner!r} is left out: {kept[name].owner!r} already provides it."
                refused.append(Owned(item.owner, sentence))
            else:
                kept[name] = item
        self._kept = kept
        return refused

    def get(self, name: str) -> T:
        """The thing of exactly this id; raises NotFoundError that names the nearest one."""
        item = self._items().get(name)
        if item is None:
            raise self.missing(name)
        return item.value

    def find(self, name: str) -> T | None:
        """The thing with this id or alias, whatever the case; None when there is none."""
        items = self._items()
        if name in items:
            return items[name].value
        wanted = name.strip().casefold()
        for item in items.values():
            if wanted == self._name_of(item.value).casefold():
                return item.value
        for item in items.values():
            if any(wanted == alias.casefold() for alias in self._aliases_of(item.value)):
                return item.value
        return None

    def missing(self, name: str) -> NotFoundError:
        """The error that says that there is no such thing."""
        near = difflib.get_close_matches(name, self._items(), n=1, cutoff=0.5)
        hint = f"Did you mean {near[0]!r}?" if near else f"There are: {', '.join(self._items()) or 'none'}."
        return NotFoundError(f"There is no {self.noun} {name!r}.", hint=hint)

    def owner(self, name: str) -> str:
        """Id of the extension that registered the thing."""
        if name not in self._items():
            raise self.missing(name)
        return self._items()[name].owner

    def names(self) -> list[str]:
        """All ids in order."""
        return list(self._items())

    def owned(self) -> list[Owned[T]]:
        """All things with their owners, in order."""
        return list(self._items().values())

    def __iter__(self) -> Iterator[T]:
        """All things in order."""
        return iter([item.value for item in self._items().values()])

    def __len__(self) -> int:
        """How many there are."""
        return len(self._items())

    def __contains__(self, name: object) -> bool:
        """True when there is a thing of exactly this id."""
        return name in self._items()


class FollowingRegistry(Registry[T]):
    """A registry among whose items may be lists (``Listed``) that are asked again when their state is another one."""

    def __init__(self, noun: str, name_of: Callable[[T], str], aliases_of: Callable[[T], Iterable[str]] = lambda item: ()) -> None:
        self._given: list[Owned[T] | Owned[Listed[T]] | Owned[T | Listed[T]]] = []
        self._seen: object = None
        super().__init__(noun, name_of, aliases_of)

    def name_of(self, item: T | Listed[T]) -> str:
        """The id of a thing, or what a list is called in messages."""
        return item.name if isinstance(item, Listed) else super().name_of(item)

    def fill(self, items: Iterable[Owned[T] | Owned[Listed[T]] | Owned[T | Listed[T]]]) -> list[Owned[str]]:
        """As that of every registry; what lists give is looked at when somebody asks, and what cannot be kept then is logged."""
        self._given = list(items)
        self._seen = None
        return super().fill([Owned(item.owner, item.value) for item in self._given if not isinstance(item.value, Listed)])

    def _items(self) -> dict[str, Owned[T]]:
        state = [item.value.state() for item in self._given if isinstance(item.value, Listed)]
        if state and state != self._seen:
            self._seen = state
            for sentence in super().fill(self._expanded()):
                logger.warning("%s", sentence.value)
        return self._kept

    def _expanded(self) -> Iterator[Owned[T]]:
        for item in self._given:
            if isinstance(item.value, Listed):
                yield from (Owned(item.owner, each) for each in item.value.listed())
            else:
                yield Owned(item.owner, item.value)

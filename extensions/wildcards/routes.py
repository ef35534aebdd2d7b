"""Routes of the wildcards: their names, and the texts of one."""

from __future__ import annotations

from fastapi import APIRouter

from app.api import Host, NotFoundError, Value
from extensions.wildcards.api import open_library


class ListedWildcards(Value):
    """All names, and sentences about files that cannot be used."""

    names: list[str]
    problems: list[str] = []


class WildcardTexts(Value):
    """The texts that a name or pattern stands for; ``names`` are the wildcards that it means."""

    names: list[str]
    texts: list[str]
    problems: list[str] = []


def make_router(host: Host) -> APIRouter:
    """``GET /paintbox/v1/wildcards`` and ``GET /paintbox/v1/wildcards/texts``."""
    router = APIRouter(prefix="/paintbox/v1/wildcards", tags=["wildcards"])

    @router.get("")
    def listed() -> ListedWildcards:
        """All wildcards, as the files are at this moment."""
        library = open_library(host)
        return ListedWildcards(names=library.names(), problems=library.problems)

    @router.get("/texts")
    def texts(name: str) -> WildcardTexts:
        """The texts of a wildcard, or of all that a pattern means."""
        library = open_library(host)
        names = library.find(name)
        if not names:
            raise NotFoundError(f"There is no wildcard {name!r}.", hint="GET /paintbox/v1/wildcards lists those there are.")
        found = list(dict.fromkeys(text for each in names for text in library.values(each)))
        return WildcardTexts(names=names, texts=found, problems=library.problems)

    return router

"""A registry whose lists come and go."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from app.errors import NotFoundError
from app.registry import FollowingRegistry, Listed
from app.values.owned import Owned


@dataclass(frozen=True)
class Thing:
    name: str
    order: int = 0


def test_lists_are_asked_again_when_their_state_is_another_one(caplog: pytest.LogCaptureFixture) -> None:
    files, asked = ["b", "fixed"], []

    def listed() -> list[Thing]:
        asked.append(1)
        return [Thing(name) for name in files]

    registry: FollowingRegistry[Thing] = FollowingRegistry("thing", lambda thing: thing.name)
    given = Listed("files", listed, lambda: tuple(files))
    assert registry.name_of(given) == "files"
    refused = registry.fill([Owned("one", Thing("fixed", -1)), Owned("two", given)])
    assert refused == []
    assert registry.names() == ["fixed", "b"]
    assert "left out: 'one' already provides it" in caplog.text
    assert registry.owner("b") == "two"
    assert registry.find("B") == Thing("b")
    assert len(asked) == 1, "the state is the same"
    files.append("c")
    assert "c" in registry
    assert [thing.name for thing in registry] == ["fixed", "b", "c"]
    files.clear()
    with pytest.raises(NotFoundError):
        registry.get("b")
    assert len(registry) == 1

"""Registries: order, aliases, and helpful errors."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from app.errors import NotFoundError
from app.registry import Registry
from app.values.owned import Owned


@dataclass(frozen=True)
class Thing:
    """Something to register."""

    name: str
    order: int = 0
    aliases: tuple[str, ...] = ()


@pytest.fixture
def registry() -> Registry[Thing]:
    made: Registry[Thing] = Registry("sampler", lambda thing: thing.name, lambda thing: thing.aliases)
    made.fill(
        [Owned("b", Thing("Euler a", 2, ("k_euler_a",))), Owned("a", Thing("Euler", 1)), Owned("a", Thing("DDIM", 1, ("ddim", "EULER")))]
    )
    return made


def test_lower_order_comes_first_and_equal_order_as_given(registry) -> None:
    assert registry.names() == ["Euler", "DDIM", "Euler a"]
    assert [thing.name for thing in registry] == ["Euler", "DDIM", "Euler a"]
    assert registry.owner("Euler a") == "b"


def test_find_ignores_case_and_a_name_wins_over_an_alias(registry) -> None:
    assert registry.find("EULER A").name == "Euler a"
    assert registry.find(" K_Euler_a ").name == "Euler a"
    assert registry.find("euler").name == "Euler"
    assert registry.find("heun") is None


def test_get_is_exact_and_its_error_names_the_nearest(registry) -> None:
    with pytest.raises(NotFoundError, match=r"There is no sampler 'Eulr a'\. Did you mean 'Euler a'\?"):
        registry.get("Eulr a")
    with pytest.raises(NotFoundError, match="There are: Euler, DDIM, Euler a"):
        registry.get("zzz")


def test_a_name_that_is_taken_is_left_out_and_its_owner_told(registry) -> None:
    refused = registry.fill([Owned("a", Thing("X")), Owned("b", Thing("X"))])
    assert registry.owner("X") == "a"
    assert [(item.owner, "'a' already provides it" in item.value) for item in refused] == [("b", True)]

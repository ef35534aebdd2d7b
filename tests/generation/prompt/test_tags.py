"""Tags of prompts: recorded cases, totality and linear work."""

from __future__ import annotations

import math
from collections.abc import Callable
from operator import itemgetter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import UserError
from app.generation.prompt.tags import NetworkStrength, finite_strength, network_strength, single_strength, take_tags
from app.testing.growth import MOST_GROWTH, growth
from app.testing.vectors import vector_cases
from app.values.prompt import PromptTag

FILE = "extra_networks.json"
CASES = vector_cases(FILE, "cases")


@pytest.mark.vectors
@pytest.mark.parametrize("case", CASES, ids=itemgetter("id"))
def test_recorded_cases(case: dict[str, Any]) -> None:
    cleaned, tags = take_tags(case["prompt"])
    assert cleaned == case["cleaned"]
    assert [_facts(tag) for tag in _by_type(tags)] == case["networks"]


@pytest.mark.vectors
@pytest.mark.parametrize("case", vector_cases(FILE, "batches"), ids=itemgetter("id"))
def test_recorded_batches(case: dict[str, Any]) -> None:
    taken = [take_tags(prompt) for prompt in case["prompts"]]
    assert [cleaned for cleaned, _ in taken] == case["cleaned"]
    assert [{"type": tag.type, "items": list(tag.items)} for tag in _by_type(taken[0][1])] == case["networks"]


@pytest.mark.vectors
@pytest.mark.parametrize("case", [case for case in CASES if "lora" in case], ids=itemgetter("id"))
def test_recorded_strengths(case: dict[str, Any]) -> None:
    tags = [tag for tag in take_tags(case["prompt"])[1] if tag.type in ("lora", "lyco")]
    wanted = case["lora"].get("loras", [])
    _compare(tags, network_strength, [(row["name"], row["te"], row["unet"], row["dyn_dim"]) for row in wanted], "error" in case["lora"])


@pytest.mark.vectors
@pytest.mark.parametrize("case", [case for case in CASES if "hypernet" in case], ids=itemgetter("id"))
def test_recorded_single_strengths(case: dict[str, Any]) -> None:
    tags = [tag for tag in take_tags(case["prompt"])[1] if tag.type == "hypernet"]
    wanted = case["hypernet"].get("hypernets", [])
    rows = [(row["name"], row["multiplier"], row["multiplier"], None) for row in wanted]
    _compare(tags, single_strength, rows, "error" in case["hypernet"])


def _compare(tags: list[PromptTag], read: Callable[[PromptTag], NetworkStrength], rows: list[Any], is_error: bool) -> None:
    if is_error:
        with pytest.raises(UserError) as raised:
            [read(tag) for tag in tags]
        assert any(str(tag) in raised.value.what for tag in tags)
        return
    found = [read(tag) for tag in tags]
    assert [(item.name, item.rank) for item in found] == [(row[0], row[3]) for row in rows]
    for item, row in zip(found, rows, strict=True):
        assert [_number(item.text), _number(item.denoiser)] == [_number(float(row[1])), _number(float(row[2]))]


def _number(value: float) -> float | str:
    return "nan" if math.isnan(value) else value


def _facts(tag: PromptTag) -> dict[str, Any]:
    return {"type": tag.type, "items": list(tag.items), "positional": list(tag.positional), "named": tag.named}


def _by_type(tags: tuple[PromptTag, ...]) -> list[PromptTag]:
    """The recorded order: by type, in the order in which the types come."""
    types = list(dict.fromkeys(tag.type for tag in tags))
    return sorted(tags, key=lambda tag: types.index(tag.type))


@pytest.mark.parametrize("items", ["nan", "inf", "1:-inf", "te=1:unet=NaN", "1e999"])
def test_strengths_that_are_not_finite_cannot_be_used(items: str) -> None:
    (tag,) = take_tags(f"<lora:x:{items}>")[1]
    with pytest.raises(UserError) as refused:
        finite_strength(tag, network_strength(tag))
    assert str(tag) in refused.value.what and refused.value.field == "prompt"


@given(st.one_of(st.text(), st.lists(st.sampled_from(["<", ">", ":", "lora", "=", "1", " ", "\n", "猫"]), max_size=40).map("".join)))
def test_every_text_can_be_read(text: str) -> None:
    cleaned, tags = take_tags(text)
    assert len(cleaned) + sum(len(str(tag)) for tag in tags) == len(text)


@pytest.mark.parametrize("unit", ["<", ">", "<a:", "<a:b>", "<a", "a:b>", "<a:b>\n<"])
def test_the_work_grows_with_the_length_alone(unit: str) -> None:
    assert growth(take_tags, unit) < MOST_GROWTH

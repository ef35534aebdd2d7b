"""AND and its weights: recorded cases, totality and linear work."""

from __future__ import annotations

from operator import itemgetter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.generation.prompt.multicond import PromptPart, split_parts
from app.testing.growth import MOST_GROWTH, growth
from app.testing.vectors import vector_cases


@pytest.mark.vectors
@pytest.mark.parametrize("case", vector_cases("prompt_schedule.json", "multicond"), ids=itemgetter("id"))
def test_recorded_cases(case: dict[str, Any]) -> None:
    expected = [[PromptPart(case["flat"][index], weight) for index, weight in parts] for parts in case["indexes"]]
    assert [list(split_parts(prompt)) for prompt in case["prompts"]] == expected


def test_an_infinite_weight_is_text() -> None:
    text = "a:" + "9" * 400
    assert split_parts(text) == (PromptPart(text, 1.0),)


@given(st.one_of(st.text(), st.lists(st.sampled_from([" AND ", ":", " ", "1", ".", "-", "a", "\n"]), max_size=40).map("".join)))
def test_every_text_has_parts(text: str) -> None:
    parts = split_parts(text)
    assert parts and all(part.text in text and part.text == part.text.rstrip() for part in parts)


@pytest.mark.parametrize("unit", [" AND ", ":", " ", " :1", "1", "a:1 AND ", "\n", "1."])
def test_the_work_grows_with_the_length_alone(unit: str) -> None:
    assert growth(split_parts, unit) < MOST_GROWTH

"""Scheduling and alternation: recorded cases, totality and linear work."""

from __future__ import annotations

from operator import itemgetter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.contracts import Conditioning, ConditioningStep
from app.generation.guidance import at_call
from app.generation.prompt.schedule import Timeline, prompt_schedule
from app.testing.growth import MOST_GROWTH, growth
from app.testing.vectors import vector_cases

FILE = "prompt_schedule.json"
STEPS = Timeline(20)
GRAMMAR = st.lists(
    st.sampled_from(["(", ")", "[", "]", ":", "|", "0.5", "3", "-1", "1e9", "\\", " ", "AND", "a", "猫", "\n", "[a:b:3]", "[a|b]"]),
    max_size=60,
).map("".join)


def texts(prompt: str, timeline: Timeline = STEPS) -> list[list[Any]]:
    return [[step.end_at_step, step.text] for step in prompt_schedule(prompt, timeline)]


@pytest.mark.vectors
@pytest.mark.parametrize("case", vector_cases(FILE, "schedules"), ids=itemgetter("id"))
def test_recorded_cases(case: dict[str, Any]) -> None:
    base, hires, old = case["base_steps"], case["hires_steps"], case["old_scheduling"]
    timeline = Timeline(base, old=old) if hires is None else Timeline(hires, base, old)
    assert texts(case["prompt"], timeline) in [case["result"], *case.get("unstable_alternatives", [])]


@pytest.mark.vectors
@pytest.mark.parametrize("case", vector_cases(FILE, "entry_selection"), ids=itemgetter("id"))
def test_recorded_selections(case: dict[str, Any]) -> None:
    steps = [ConditioningStep(end, Conditioning(context=index)) for index, end in enumerate(case["end_at_steps"])]
    used = [at_call(steps, call).context for call in range(len(case["entry_used_at_call"]))]
    assert used == case["entry_used_at_call"]


def test_brackets_that_pair_wrongly_take_all_around_them_along() -> None:
    assert texts("[a:(b [c:d:3] e]:7]") == [[3, "[a:(b c e]:7]"], [20, "[a:(b d e]:7]"]]
    assert texts("[a:b (c:d:e) f:5] [g::5]") == [[5, "[a:b (c:d:e) f:5] g"], [20, "[a:b (c:d:e) f:5] "]]


def test_a_backslash_before_a_line_end_is_no_escape() -> None:
    assert texts("[a:b:3] \\\nc") == [[20, "[a:b:3] \\\nc"]]


@pytest.mark.parametrize("number", ["1" + "0" * 5000, "1e999", "-1e999", "1.0e999"])
def test_numbers_beyond_all_measure_are_the_ends(number: str) -> None:
    assert texts(f"[a:b:{number}]") == [[20, "b" if number.startswith("-") else "a"]]


def test_a_pass_without_steps_has_a_text() -> None:
    assert texts("[a|b] [c:d:0.5]", Timeline(0)) == [[0, "b c"]]


@given(st.one_of(GRAMMAR, st.text()), st.integers(0, 30), st.one_of(st.none(), st.integers(0, 30)), st.booleans())
def test_every_text_has_a_schedule(text: str, calls: int, earlier: int | None, old: bool) -> None:
    timeline = Timeline(calls, earlier, old)
    steps = prompt_schedule(text, timeline)
    ends = [step.end_at_step for step in steps]
    assert ends == sorted(set(ends)) and ends[-1] == timeline.length
    if not {"|", ":", "["} & set(text):
        assert [step.text for step in steps] == [text]


@given(GRAMMAR)
def test_nothing_is_lost_without_schedules(text: str) -> None:
    plain = text.replace("|", "").replace(":", "")
    assert texts(plain) == [[20, plain]]


@pytest.mark.parametrize(
    "unit", ["[", "]", "(", "(a", "([)]", "[a:", "[a|", "[a|b]", "[a:b:3]", "([a:3]", "(:", "[[a:b:3]:", "](", "\\", ":", " ", "[a:1", "1"]
)
def test_the_work_grows_with_the_length_alone(unit: str) -> None:
    assert growth(lambda text: prompt_schedule(text, STEPS), unit) < MOST_GROWTH


@pytest.mark.parametrize("end", [":b:3]", "|b]", ":3]", "]"])
def test_no_nesting_is_too_deep(end: str) -> None:
    def nested(text: str) -> object:
        depth = len(text) // 5
        return prompt_schedule("[" * depth + "a" + end * depth, STEPS)

    assert growth(nested, "x") < MOST_GROWTH

"""The attention grammar: recorded cases, totality and linear work."""

from __future__ import annotations

import math
from operator import itemgetter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import UserError
from app.generation.prompt.attention import HEAVIEST, parse_attention
from app.testing.growth import MOST_GROWTH, growth
from app.testing.vectors import vector_cases

GRAMMAR = st.lists(
    st.sampled_from(["(", ")", "[", "]", ":", "1.2", "-", ".", "\\", " ", "BREAK", "a", "猫", ":1.3)", ":1.2.3)", "\n", "٣"]), max_size=60
).map("".join)


@pytest.mark.vectors
@pytest.mark.parametrize("case", vector_cases("prompt_attention.json", "cases"), ids=itemgetter("id"))
def test_recorded_cases(case: dict[str, Any]) -> None:
    if "error" in case:
        with pytest.raises(UserError):
            parse_attention(case["prompt"])
        return
    result = parse_attention(case["prompt"])
    assert [text for text, _ in result] == [text for text, _ in case["result"]]
    assert [weight for _, weight in result] == pytest.approx([float(weight) for _, weight in case["result"]], rel=1e-12)


def test_a_number_that_is_none_is_named() -> None:
    with pytest.raises(UserError, match=r"1\.2\.3"):
        parse_attention("a (cat:1.2.3) b")


@given(st.one_of(GRAMMAR, st.text()))
def test_only_a_malformed_number_is_an_error(text: str) -> None:
    try:
        result = parse_attention(text)
    except UserError:
        assert ":" in text and ")" in text and "." in text
        return
    assert result
    assert all(first[1] != second[1] for first, second in zip(result, result[1:], strict=False))


@given(st.text(alphabet=st.characters(exclude_characters="()[]\\:")))
def test_text_without_brackets_is_kept(text: str) -> None:
    if "BREAK" not in text:
        assert parse_attention(text) == [(text, 1.0)]


@pytest.mark.parametrize(
    "unit", ["(", "(a", "[a", "(a)", ":", ": ", " ", "\\", "([)]", "(a:0)[b", " BREAK", ":1", "(a:1.5)", "(a:1" + " " * 50]
)
def test_the_work_grows_with_the_length_alone(unit: str) -> None:
    assert growth(parse_attention, unit) < MOST_GROWTH


def test_absurd_nesting_gives_the_weights_that_plain_nesting_gives() -> None:
    nested = parse_attention("(a" * 3000)  # more multiplications than are done one by one
    plain = parse_attention("(a" * 300)
    assert [weight for _, weight in nested[:300]] == pytest.approx([weight for _, weight in plain], rel=1e-9)


@pytest.mark.parametrize(
    ("text", "weights"),
    [
        ("(" * 9000 + "a", [HEAVIEST]),
        (f"(a:{'9' * 60})", [HEAVIEST]),
        (f"(a:-{'9' * 400})", [-HEAVIEST]),
        (f"((a:{'9' * 400}):0) b", [0.0, 1.0]),
        (f"{'(' * 40}a{f':{chr(57) * 30})' * 40}", [HEAVIEST]),
    ],
)
def test_weights_stay_finite(text: str, weights: list[float]) -> None:
    found = [weight for _, weight in parse_attention(text)]
    assert found == weights and all(map(math.isfinite, found))

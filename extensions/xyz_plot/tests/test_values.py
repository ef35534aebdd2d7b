"""What people type as values: lists, ranges, quotes, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.api import UserError
from extensions.xyz_plot.values_text import MOST_VALUES, join_csv, read_values, split_csv


def read(text, kind):
    return read_values(split_csv(text), kind)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1-5", [1, 2, 3, 4, 5]),
        ("1-5(+2)", [1, 3, 5]),
        ("1-5 (+2)", [1, 3, 5]),
        ("1-10[5]", [1, 3, 5, 7, 10]),
        ("10-5 (-3)", [10, 7]),
        ("10-1(-3)", [10, 7, 4, 1]),
        ("5-1", [5, 4, 3, 2, 1]),
        ("-3--1", [-3, -2, -1]),
        ("-1", [-1]),
        ("7, 1-3, 20", [7, 1, 2, 3, 20]),
        ("3-3", [3]),
        ("1-9[1]", [1]),
        ("0-100(25)", [0, 25, 50, 75, 100]),
        ("5,,6", [5, 6]),
        ("4294967295", [4294967295]),
    ],
)
def test_whole_numbers(text, values):
    assert read(text, "whole") == values and all(type(value) is int for value in values)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1-3 (+0.5)", [1.0, 1.5, 2.0, 2.5, 3.0]),
        ("0.0-1.0[6]", [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        ("0-1(+0.1)", [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]),
        ("1-0(-0.25)", [1.0, 0.75, 0.5, 0.25, 0.0]),
        ("1-2(+0.3)", [1.0, 1.3, 1.6, 1.9]),
        ("7", [7.0]),
        (".5, 1e-3", [0.5, 0.001]),
        ("-0.5-0.5[3]", [-0.5, 0.0, 0.5]),
    ],
)
def test_numbers(text, values):
    assert read(text, "number") == values


def test_texts_and_quotes_and_answers():
    assert read('NUM,"a, b" , 1-5,', "text") == ["NUM", "a, b", "1-5", ""]
    assert read("true, No,1,off", "yes_no") == [True, False, True, False]
    assert split_csv('"say ""hi""",x\ny') == ['say "hi"', "x", "y"]


@pytest.mark.parametrize(
    ("text", "kind", "sentence"),
    [
        ("1-5,x", "whole", "'x' is not a number"),
        ("1.5", "whole", "'1.5' is not a whole number"),
        ("1-2(+0.5)", "whole", "fractions"),
        ("1-5(-1)", "whole", "never comes to its end"),
        ("1-5(+0)", "number", "never comes to its end"),
        ("1-10[0]", "whole", "makes 0 values"),
        ("1-99999999999", "whole", "more than 10000 values"),
        (",".join(["1-9000"] * 2), "whole", "more than 10000 values"),
        ("9" * 300, "whole", "is not a number"),
        ("maybe", "yes_no", "neither true nor false"),
        ("nan", "number", "is not a number"),
        ("inf", "number", "is not a number"),
    ],
)
def test_what_means_no_value_is_named(text, kind, sentence):
    with pytest.raises(UserError, match=sentence):
        read(text, kind)


small = st.integers(-500, 500)


@given(start=small, end=small, step=st.integers(1, 60))
def test_a_range_begins_at_its_start_keeps_its_step_and_stays_within_its_end(start, end, step):
    sign = 1 if end >= start else -1
    values = read(f"{start}-{end}({'+' if sign > 0 else '-'}{step})", "whole")
    assert values == list(range(start, end + sign, sign * step))


@given(start=small, end=small)
def test_a_plain_range_holds_both_ends(start, end):
    values = read(f"{start}-{end}", "whole")
    assert (values[0], values[-1], len(values)) == (start, end, abs(end - start) + 1)


@given(start=st.integers(-1000, 1000), end=st.integers(-1000, 1000), count=st.integers(2, 50))
def test_a_count_gives_so_many_evenly_spaced_values(start, end, count):
    values = read(f"{start / 10}-{end / 10}[{count}]", "number")
    assert len(values) == count and values[0] == start / 10 and values[-1] == end / 10
    gaps = [after - before for before, after in zip(values, values[1:], strict=False)]
    assert max(gaps) - min(gaps) < 1e-9


@given(values=st.lists(st.integers(-(2**62), 2**62), min_size=1, max_size=20))
def test_lists_of_whole_numbers_come_back(values):
    assert read(", ".join(map(str, values)), "whole") == values


@given(parts=st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20).map(str.strip), min_size=1, max_size=6))
def test_texts_survive_being_written_and_read(parts):
    assert split_csv(join_csv(parts)) == parts or parts == [""]


@given(text=st.text(max_size=40), kind=st.sampled_from(["whole", "number", "text", "yes_no"]))
def test_nothing_that_can_be_typed_breaks_the_reader(text, kind):
    try:
        values = read(text, kind)
    except UserError:
        return
    assert len(values) <= 2 * MOST_VALUES


@pytest.mark.parametrize("text", ["1" + "0" * 28, "1e30", "-" + "9" * 35, f"{10**30}-{10**30 + 2}"])
def test_whole_numbers_may_have_more_digits_than_a_decimal_computes_with(text):
    assert all(isinstance(value, int) for value in read(text, "whole"))


@pytest.mark.parametrize("kind", ["whole", "number"])
def test_a_number_beyond_all_others_is_refused(kind):
    with pytest.raises(UserError, match="'1e999' is too large"):
        read("1e999", kind)

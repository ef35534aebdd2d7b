"""Quoting of infotext values, recorded and in general."""

from __future__ import annotations

from operator import itemgetter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.generation.infotext.build import format_infotext
from app.generation.infotext.parse import parse
from app.generation.infotext.quoting import quote, unquote
from app.testing.vectors import vector_cases

KEYS = st.from_regex(r"[A-Za-z][A-Za-z0-9 /-]{0,15}[A-Za-z0-9]", fullmatch=True)
TEXTS = st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1)


@pytest.mark.vectors
@pytest.mark.parametrize("case", vector_cases("infotext.json", "quoting"), ids=itemgetter("id"))
def test_recorded_quoting(case: dict[str, Any]) -> None:
    if "text" in case:
        assert unquote(case["text"]) == case["unquoted"]
        return
    quoted = quote(case["value"])
    assert (quoted, type(quoted)) == (case["quoted"], type(case["quoted"]))
    if "unquoted_back" in case:
        assert unquote(str(quoted)) == case["unquoted_back"]


@given(st.dictionaries(KEYS, TEXTS.map(str.strip).filter(bool), min_size=3, max_size=8))
def test_what_is_written_is_read_back(items: dict[str, str]) -> None:
    plain = {key: value for key, value in items.items() if value != key and value[0] != '"' and not _is_size(value)}
    if len(plain) < 3:
        return
    fields = parse(format_infotext("a prompt", "a negative one", plain))
    assert fields == plain | {"Prompt": "a prompt", "Negative prompt": "a negative one"}


def _is_size(text: str) -> bool:
    width, cross, height = text.partition("x")
    return bool(cross) and width.isdecimal() and height.isdecimal()


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    fields = parse(text)
    assert "Prompt" in fields and "Negative prompt" in fields

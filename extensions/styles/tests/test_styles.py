"""Merging, finding and reading styles."""

from __future__ import annotations

from operator import itemgetter
from pathlib import Path
from typing import Any

import pytest

from app.api import UserError
from app.testing.vectors import vector_cases, vectors
from extensions.styles.api import apply_named, apply_styles, extract_styles, format_styles, read_styles
from extensions.styles.files import list_style_files, read_style_files
from extensions.styles.text import extract_text, merge

FILE = "styles.json"


def _database() -> Any:
    return read_styles(vectors(FILE)["database_csv"])


@pytest.mark.vectors
@pytest.mark.parametrize("case", vector_cases(FILE, "merge"), ids=itemgetter("id"))
def test_recorded_merges(case: dict[str, Any]) -> None:
    prompt = case["prompt"]
    for style in case.get("styles", [case.get("style")]):
        prompt = merge(style, prompt)
    assert prompt == case["result"]


@pytest.mark.vectors
@pytest.mark.parametrize("case", vector_cases(FILE, "extract_text"), ids=itemgetter("id"))
def test_recorded_extraction(case: dict[str, Any]) -> None:
    left = extract_text(case["style"], case["prompt"])
    assert (left is not None) == case["matched"]
    assert (case["prompt"] if left is None else left) == case["remaining"]


@pytest.mark.vectors
@pytest.mark.parametrize("case", vector_cases(FILE, "extract_from_database"), ids=itemgetter("id"))
def test_recorded_extraction_from_a_file(case: dict[str, Any]) -> None:
    result = extract_styles(_database(), case["prompt"], case["negative_prompt"])
    assert result == (case["styles"], case["prompt_left"], case["negative_prompt_left"])


@pytest.mark.vectors
@pytest.mark.parametrize("case", vector_cases(FILE, "apply_from_database"), ids=itemgetter("id"))
def test_recorded_application_of_a_file(case: dict[str, Any]) -> None:
    known = {style.name: style for style in _database()}
    styles = [known[name] for name in case["styles"] if name in known]
    assert apply_styles(styles, case["prompt"], case["negative_prompt"]) == (case["prompt_result"], case["negative_prompt_result"])


@pytest.mark.vectors
@pytest.mark.parametrize("case", vector_cases(FILE, "csv"), ids=itemgetter("id"))
def test_recorded_files(case: dict[str, Any]) -> None:
    assert [[style.name, style.prompt, style.negative_prompt] for style in read_styles(case["csv"])] == [
        [text or "" for text in row] for row in case["loaded"]
    ]


@pytest.mark.vectors
@pytest.mark.parametrize("case", vector_cases(FILE, "csv"), ids=itemgetter("id"))
def test_recorded_saving(case: dict[str, Any]) -> None:
    assert format_styles(read_styles(case["csv"])) == case["saved"]


@pytest.mark.vectors
@pytest.mark.parametrize("case", vector_cases(FILE, "several_files"), ids=lambda case: "-".join(case["files"]))
def test_recorded_lists_of_several_files(case: dict[str, Any], tmp_path: Path) -> None:
    for name, text in zip(case["files"], case["contents"], strict=True):
        (tmp_path / name).write_text(text, encoding="utf-8")
    found = list_style_files(tmp_path, case["files"])
    assert [[style.name, Path(style.file).name] for style in found] == [[row[0], row[3]] for row in case["loaded"]]
    assert [[style.prompt, style.negative_prompt] for style in found] == [[row[1] or "", row[2] or ""] for row in case["loaded"]]
    assert [style.is_usable for style in found] == [row[3] != "do_not_save" for row in case["loaded"]]


def test_a_chosen_divider_changes_nothing(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("name,prompt\n", encoding="utf-8")
    divider = list_style_files(tmp_path, ["*.csv"])[0].name
    assert apply_named(read_style_files(tmp_path, ["*.csv"]), [divider], "a", "b") == ("a", "b")


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    (tmp_path / "styles.csv").write_bytes(b"name,prompt\nx,\xff\xfe\n")
    with pytest.raises(UserError, match=r"styles\.csv"):
        read_style_files(tmp_path, ["styles.csv"])


def test_patterns_name_several_files(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("name,prompt\nOne,p1\nBoth,first\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("name,prompt\nBoth,second\n", encoding="utf-8")
    styles = {style.name: style.prompt for style in read_style_files(tmp_path, ["*.csv", "missing.csv"])}
    assert styles == {"One": "p1", "Both": "second"}

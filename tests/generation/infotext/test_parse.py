"""Reading infotexts: where the fields are, and speed on hostile ones."""

from __future__ import annotations

import time

import pytest

from app.generation.infotext.parse import parse


def test_fields_prompts_and_sizes() -> None:
    fields = parse('a cat,\nwith a hat\nNegative prompt: dog\nbird\nSteps: 20, Size: 512x768, Note: "a: b, c", Empty: , Seed: 5')
    assert fields == {
        "Prompt": "a cat,\nwith a hat",
        "Negative prompt": "dog\nbird",
        "Steps": "20",
        "Size-1": "512",
        "Size-2": "768",
        "Note": "a: b, c",
        "Seed": "5",
    }


def test_two_fields_are_no_parameter_line() -> None:
    assert parse("a cat\nSteps: 20, Seed: 5")["Prompt"] == "a cat\nSteps: 20, Seed: 5"


@pytest.mark.parametrize("unit", ["a ", 'aa:"', "a:", ":", 'aa: "\\", ', '"', "aa: b, ", " ", "aa: 1x1, "])
def test_hostile_lines_are_read_in_time(unit: str) -> None:
    started = time.perf_counter()
    parse(unit * (200_000 // len(unit)))
    assert time.perf_counter() - started < 1.0

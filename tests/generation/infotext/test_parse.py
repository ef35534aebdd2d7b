"""Reading infotexts: where the fields are, and speed on hostile ones."""

from __future__ import annotations

import pytest

from app.generation.infotext.parse import parse
from app.testing.growth import MOST_GROWTH, growth


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
def test_the_work_grows_with_the_length_alone(unit: str) -> None:
    assert growth(parse, unit) < MOST_GROWTH

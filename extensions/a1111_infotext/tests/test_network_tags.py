"""Recorded changes that A1111 makes to the tags of pasted prompts."""

from __future__ import annotations

from operator import itemgetter
from typing import Any

import pytest

from app.testing.vectors import vector_cases
from extensions.a1111_infotext.api import with_installed_names, with_old_network_tags


@pytest.mark.vectors
@pytest.mark.parametrize("case", vector_cases("extra_networks.json", "paste"), ids=itemgetter("id"))
def test_recorded_cases(case: dict[str, Any]) -> None:
    fields = case["params"]
    if case["kind"] == "addnet":
        assert with_old_network_tags(fields["Prompt"], fields) == case["prompt_after"]
    else:
        assert with_installed_names(fields["Prompt"], fields, case["installed_by_hash"].get) == case["prompt_after"]


def test_hashes_that_are_none_change_nothing() -> None:
    for text in ("", "a", "a:", ":", ",,", "a: x: y"):
        assert with_installed_names("<lora:a:1>", {"Lora hashes": text}, lambda digits: None) == "<lora:a:1>"

"""Damaged files of every kind are read or refused with a sentence; PAINTBOX_FUZZ_INPUTS says how many are tried of each."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.errors import UserError
from app.testing.mutations import KINDS, LONGEST, Edit, damage, damage_inside
from app.testing.readers import READERS

INPUTS = int(os.environ.get("PAINTBOX_FUZZ_INPUTS", "250"))
EDITS = st.lists(
    st.builds(Edit, st.sampled_from(KINDS), st.floats(0, 1), st.integers(1, LONGEST), st.binary(min_size=1, max_size=16)), max_size=8
)


@pytest.mark.vectors
@pytest.mark.parametrize("name", READERS)
def test_damaged_files_are_read_or_refused(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = READERS[name]
    seeds = reader.seeds()
    if not seeds:
        pytest.skip("there are no recorded files")
    monkeypatch.chdir(tmp_path)

    @settings(deadline=None, max_examples=INPUTS, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(range(len(seeds))), EDITS, st.integers(0, 20))
    def run(seed: int, edits: list[Edit], choice: int) -> None:
        raw = damage_inside(seeds[seed], edits, choice) if choice % 2 else damage(seeds[seed], edits)
        try:
            reader.read(raw)
        except UserError as error:
            assert len(error.what) < 400 and "x." in error.what

    run()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", READERS)
@settings(deadline=None, max_examples=100)
@given(raw=st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(name: str, raw: bytes) -> None:
    try:
        READERS[name].read(raw)
    except UserError:
        pass

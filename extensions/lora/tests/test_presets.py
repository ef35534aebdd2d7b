"""The setting of own presets of block weights says what is wrong with it."""

from __future__ import annotations

import pytest

from app.api import UserError
from app.testing.hosts import temporary_host
from extensions.lora.api import preset_names
from extensions.lora.blocks import PRESETS, block_factors
from extensions.lora.names import LoraPlace

SOFT = "SOFT: " + ",".join(["0.5"] * 17)


@pytest.fixture
def settings(tmp_path):
    return temporary_host(tmp_path, ("lora",)).settings


@pytest.mark.parametrize("line", ["SOFT 1,0.5", "SOFT:1,,2", "SOFT:", ":1,2", "SOFT:1,nan", "SOFT:1,a"])
def test_what_is_no_preset_is_refused_by_its_line(settings, line):
    with pytest.raises(UserError) as refused:
        settings.set({PRESETS: f"{SOFT};{line}"})
    assert refused.value.field == PRESETS and repr(line) in refused.value.what
    assert settings.get(PRESETS) == ""


def test_presets_in_lines_and_with_semicolons_are_known(settings):
    settings.set({PRESETS: f"{SOFT};\n\nflat:1,1\n"})
    snapshot = settings.snapshot()
    assert {"SOFT", "FLAT", "OUTALL"} <= set(preset_names(snapshot))
    assert block_factors("soft", "sd1", snapshot, LoraPlace()).of("M00") == 0.5

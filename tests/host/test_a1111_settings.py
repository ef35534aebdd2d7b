"""Every setting of A1111 1.10 is one here, or the table of those without effect says why not."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.host import build_host
from app.settings_unused import read_unused
from app.values.options import StartOptions

KEYS = Path(__file__).with_name("a1111_settings.txt").read_text(encoding="utf-8").split()


@pytest.fixture(scope="module")
def options(tmp_path_factory):
    """The settings of all built-in extensions."""
    folder = tmp_path_factory.mktemp("settings")
    return build_host(StartOptions(data_dir=str(folder), safe_mode=True), "web", environment={}, with_packages=False).settings.options


def test_each_of_them_is_a_setting_or_said_to_have_no_effect(options):
    unused = read_unused()
    assert len(KEYS) > 300 and [key for key in KEYS if key not in options and key not in unused] == []


def test_the_table_names_no_setting_that_has_an_effect_and_none_that_a1111_has_not(options):
    assert [key for key in read_unused() if key in options or key not in KEYS] == []

"""In which order tabs stand."""

from __future__ import annotations

import pytest

from app.values.owned import Owned
from app.values.ui import Tab
from app.web.tab_order import arranged

TABS = [Owned("x", Tab(id=id, title=title, order=order, build=lambda page: None)) for id, title, order in
        [("settings", "Settings", 900), ("txt2img", "txt2img", 0), ("pnginfo", "PNG Info", 300), ("img2img", "img2img", 100)]]  # fmt: skip


@pytest.mark.parametrize(
    ("order", "hidden", "shown"),
    [
        ([], [], ["txt2img", "img2img", "pnginfo", "settings"]),
        (["PNG Info"], ["img2img"], ["pnginfo", "txt2img", "settings"]),
        (["settings", "img2img", "gone"], ["PNG Info"], ["settings", "img2img", "txt2img"]),
        ([], ["txt2img", "img2img", "pnginfo", "Settings"], ["txt2img", "img2img", "pnginfo", "settings"]),
    ],
)
def test_named_tabs_come_first_and_hidden_ones_are_gone(order: list[str], hidden: list[str], shown: list[str]) -> None:
    assert [tab.value.id for tab in arranged(TABS, order, hidden)] == shown

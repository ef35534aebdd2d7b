"""Each tool has its page in the tab, whichever others are installed."""

from __future__ import annotations

import pytest

from app.testing.web import running_client

PAGES = {
    "checkpoint_merger": ["modelmerger_merge_tab"],
    "lora_tools": ["lora_extract_tab", "lora_bake_tab"],
    "model_conversion": ["model_conversion_tab"],
    "model_inspection": ["model_inspection_tab"],
}


@pytest.mark.parametrize("tools", [("model_inspection",), tuple(PAGES)], ids=len)
def test_every_tool_has_its_page(make_host, tools):
    with running_client(make_host(*tools)) as client:
        parts = {part["props"].get("elem_id") for part in client.get("/config").json()["components"]}
    assert {"tab_modelmerger", "modelmerger_tabs"} <= parts
    shown = [page for pages in PAGES.values() for page in pages if page in parts]
    assert shown == [page for tool in tools for page in PAGES[tool]]

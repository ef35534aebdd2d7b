"""Settings that change how a form looks, in Chromium: where compact prompts stand, the gallery, the bar, the keys of the canvas."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import FEATURES, StagedPage, Visitor, served
from tests.web.conftest import Site

pytestmark = pytest.mark.browser
SETTINGS: dict[str, Any] = {
    "compact_prompt_box": True,
    "ui_reorder_list": ["sampler", "prompt"],
    "gallery_height": "333px",
    "do_not_show_images": True,
    "show_progressbar": False,
}


@pytest.fixture
def page_of_settings(make_site: Callable[..., Site], tmp_path: Path, port: int) -> Iterator[StagedPage]:
    """A served site whose settings are set."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "config.json").write_text(json.dumps(SETTINGS), encoding="utf-8")
    with served(make_site(*FEATURES, "extra_networks", "lora", "live_preview"), port) as page:
        yield page


def test_a_compact_form_whose_pictures_are_not_shown(page_of_settings: StagedPage, visitor: Visitor) -> None:
    page = visitor(page_of_settings.url).open()
    prompt, inside = page.locator("#txt2img_prompt textarea"), page.locator("#txt2img_settings #txt2img_prompt")
    expect(inside).to_have_count(1)
    prompt.fill("a red barn")
    page.locator("#txt2img_extra_tabs [role=tab]", has_text="Lora").click()
    expect(inside).to_have_count(0)
    expect(prompt).to_be_visible()
    prompt.fill("a red barn at sea")
    page.click("#txt2img_generation-button")
    expect(inside).to_have_count(1)
    page.set_viewport_size({"width": 390, "height": 844})
    expect(inside).to_have_count(0)
    page.set_viewport_size({"width": 1280, "height": 900})
    expect(inside).to_have_count(1)
    page.click("#txt2img_generate")
    page_of_settings.site.executor.progress(5, 20)
    expect(page.locator("#txt2img_generate_box")).to_have_attribute("data-phase", "running")
    expect(page.locator("#txt2img_progress .progressDiv")).to_be_hidden()
    page_of_settings.site.executor.finish(count=2)
    expect(page.locator("#html_info_txt2img")).to_contain_text("a red barn at sea")
    expect(page.locator("#txt2img_gallery img")).to_have_count(0)
    assert page.locator("#txt2img_gallery").bounding_box()["height"] == 333  # type: ignore[index]
    page.click("#save_txt2img")
    expect(page.locator("#download_files_txt2img a")).to_have_count(1)

"""The tutorial's way to more controls at the top of the page, click by click, down to the next picture's infotext."""

from __future__ import annotations

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.conftest import RealPage, Visitor
from tests.browser.test_true_path import finished, generate, new_pictures

pytestmark = [pytest.mark.browser, pytest.mark.e2e, pytest.mark.slow]
ADDED = ("CLIP_stop_at_last_layers",)
"""What the tutorial adds to the list."""
IS_SAVED = """async () => {
  const { sections } = await window.paintbox.request("GET", "paintbox/v1/settings");
  return sections.flatMap((section) => section.settings).find((setting) => setting.key === "CLIP_stop_at_last_layers").value === 2;
}"""


def test_settings_user_interface_quicksettings_list_apply_reload(real: RealPage, visitor: Visitor) -> None:
    page = visitor(real.url).open()
    page.get_by_role("tab", name="Settings", exact=True).click()
    page.get_by_role("tab", name="User interface", exact=True).click()
    for key in ADDED:
        page.get_by_role("combobox", name="Quicksettings list").fill(key)
        page.get_by_role("option").filter(has_text=key).click()
    page.get_by_role("button", name="Apply settings").click()
    expect(page.locator("#settings_result")).to_have_text(
        "1 setting changed: quicksettings_list. quicksettings_list works after Reload UI."
    )
    page.locator("#settings_restart_gradio").click()
    for key in ADDED:
        expect(page.locator(f"#quicksettings #setting_{key}")).to_be_visible()
    page.wait_for_selector("#txt2img_generate_box[data-phase]")
    page.wait_for_selector("#tabs:not([inert])")

    clip_skip = page.locator("#quicksettings #setting_CLIP_stop_at_last_layers")
    assert clip_skip.locator("input[type=range]").evaluate("field => [field.min, field.max, field.step]") == ["1", "12", "1"]
    clip_skip.locator("input[type=range]").press("ArrowRight")
    page.wait_for_function(IS_SAVED)
    before = real.pictures()
    generate(page, "snow, pine tree", steps="2", seed="7")
    finished(page)
    [picture] = new_pictures(real, before)
    assert "Clip skip: 2" in Image.open(picture).text["parameters"]

"""The prediction type of a checkpoint in Chromium: shown, chosen, told where it differs from the file, and taken back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import StagedPage, Visitor
from tests.browser.test_staged_page import NAMELESS

pytestmark = pytest.mark.browser


def opened(page: Page) -> Locator:
    page.get_by_role("button", name="Prediction type of the checkpoint").click()
    dialog = page.get_by_role("dialog", name="Prediction type of first")
    expect(dialog).to_be_visible()
    return dialog


def test_a_choice_is_remembered_told_and_taken_back(staged_checkpoint: StagedPage, visitor: Visitor) -> None:
    page = visitor(staged_checkpoint.url).open()
    digits = page.locator("#footer #sd_checkpoint_hash")
    expect(digits).to_have_text(re.compile("^[0-9a-f]{10}$"))  # it is computed while the page is open
    in_use = staged_checkpoint.site.host.models.find("checkpoint", "first")
    assert in_use is not None and in_use.sha256 is not None and in_use.sha256.startswith(digits.inner_text())
    expect(digits).to_have_attribute("title", in_use.sha256)
    dialog = opened(page)
    automatic = dialog.get_by_role("radio", name="Automatic")
    expect(automatic).to_be_checked()
    expect(dialog).to_contain_text("As the file says: epsilon.")
    automatic.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    dialog.get_by_role("button", name="Use", exact=True).click()
    expect(dialog.get_by_role("status")).to_have_text("Used from the next picture on.")
    page.keyboard.press("Escape")
    decision = page.locator("#checkpoint_decision")
    expect(decision).to_contain_text("Drawn as v prediction, as you chose; the file says epsilon.")
    models = staged_checkpoint.site.host.models
    record = models.find("checkpoint", "first")
    assert record is not None and record.identity is not None and record.identity.prediction_type == "v"

    again = visitor(staged_checkpoint.url).open()
    expect(again.locator("#checkpoint_decision")).to_be_visible()
    dialog = opened(again)
    expect(dialog.get_by_role("radio", name="V prediction", exact=False).first).to_be_checked()
    assert again.evaluate(NAMELESS) == []
    dialog.get_by_role("radio", name="Automatic").check()
    dialog.get_by_role("button", name="Use", exact=True).click()
    expect(again.locator("#checkpoint_decision")).to_be_hidden()
    assert dict(models.chosen(record)) == {}


def test_the_dialog_fits_a_narrow_window(staged_checkpoint: StagedPage, visitor: Visitor) -> None:
    page = visitor(staged_checkpoint.url, width=390, height=844).open()
    box = opened(page).bounding_box()
    assert box and box["x"] >= 0 and box["x"] + box["width"] <= 390
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 390


def test_without_a_checkpoint_the_dialog_says_so(staged: StagedPage, visitor: Visitor) -> None:
    visit = visitor(staged.url)
    page = visit.open()
    page.get_by_role("button", name="Prediction type of the checkpoint").click()
    expect(page.get_by_role("dialog").get_by_role("status")).to_contain_text("There is no checkpoint.")
    visit.complaints.clear()  # a browser complains of the 404 that this is about

"""Styles in Chromium: chosen and drawn with, put into the prompts, counted, pasted, made, changed, deleted and brought back."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from app.api import Host
from extensions.styles import panel
from tests.browser.conftest import StagedPage, Visitor
from tests.browser.test_staged_page import NAMELESS

pytestmark = pytest.mark.browser
STYLES = "name,prompt,negative_prompt\nInk,in ink,colours\nFrame,framed {prompt} on a wall,\n"


@pytest.fixture
def page(staged: StagedPage, visitor: Visitor) -> Page:
    style_file(staged).write_text(STYLES, encoding="utf-8")
    return visitor(staged.url).open()


def style_file(staged: StagedPage) -> Path:
    return staged.site.host.paths.data / "styles.csv"


def chosen(page: Page, form: str = "txt2img") -> Locator:
    return page.locator(f"#{form}_styles .token")


def choose(page: Page, *names: str) -> None:
    for name in names:
        page.click("#txt2img_styles input")
        page.get_by_role("option", name=name, exact=True).click()
    page.keyboard.press("Escape")


def offered(page: Page) -> Locator:
    page.locator("#txt2img_styles input").blur()
    page.click("#txt2img_styles input")
    return page.locator("#txt2img_styles [role=option]")


def edit(page: Page) -> Locator:
    page.click("#txt2img_styles_edit_button")
    expect(page.locator("#refresh_txt2img_styles")).to_be_visible()
    dialog = page.get_by_role("dialog", name="Styles")
    expect(dialog).to_be_visible()
    expect(dialog.locator("option")).not_to_have_count(0)
    return dialog


def test_chosen_styles_are_asked_for(page: Page, staged: StagedPage) -> None:
    page.fill("#txt2img_prompt textarea", "a hill")
    choose(page, "Frame", "Ink")
    expect(chosen(page)).to_have_text(["Frame", "Ink"])
    page.click("#txt2img_generate")
    request = staged.site.executor.running().request
    assert (request["prompt"], request["styles"]) == ("a hill", ["Frame", "Ink"])
    staged.site.executor.finish()


def test_chosen_styles_are_counted(staged_checkpoint: StagedPage, visitor: Visitor) -> None:
    style_file(staged_checkpoint).write_text(STYLES, encoding="utf-8")
    page = visitor(staged_checkpoint.url).open()
    page.fill("#txt2img_prompt textarea", "a hill")
    counter, negative = page.locator("#txt2img_token_counter"), page.locator("#txt2img_negative_token_counter")
    expect(counter).to_have_text("2/75")
    choose(page, "Ink")
    expect(counter).to_have_text("4/75")
    expect(negative).to_have_text("1/75")
    page.locator("#txt2img_styles .token-remove").first.click()
    expect(counter).to_have_text("2/75")


def test_applying_puts_the_texts_into_the_prompts_and_clears_the_choice(page: Page, staged: StagedPage) -> None:
    page.fill("#txt2img_prompt textarea", "a hill")
    page.fill("#txt2img_neg_prompt textarea", "fog")
    choose(page, "Frame", "Ink")
    page.click("#txt2img_style_apply")
    expect(page.locator("#txt2img_prompt textarea")).to_have_value("framed a hill on a wall, in ink")
    expect(page.locator("#txt2img_neg_prompt textarea")).to_have_value("fog, colours")
    expect(chosen(page)).to_have_count(0)
    page.click("#txt2img_generate")
    assert staged.site.executor.running().request["styles"] == []
    staged.site.executor.finish()


def test_a_paste_finds_styles_and_a_reload_keeps_them(page: Page, staged: StagedPage, visitor: Visitor) -> None:
    page.fill("#txt2img_prompt textarea", "a hill, in ink\nNegative prompt: fog, colours\nSteps: 4, Sampler: Euler, Seed: 1")
    with page.expect_response("**/gradio_api/**"):
        page.click("#paste")
    expect(chosen(page)).to_have_text(["Ink"])
    expect(page.locator("#txt2img_prompt textarea")).to_have_value("a hill")
    expect(page.locator("#txt2img_neg_prompt textarea")).to_have_value("fog")
    page.click("#txt2img_generate")
    assert staged.site.executor.running().request["styles"] == ["Ink"]
    staged.site.executor.finish()
    expect(chosen(visitor(staged.url).open())).to_have_text(["Ink"])


def test_a_style_is_made_from_the_prompts_changed_and_brought_back(page: Page, staged: StagedPage) -> None:
    page.fill("#txt2img_prompt textarea", "chalk on slate")
    dialog = edit(page)
    expect(dialog.get_by_role("button", name="Delete")).to_be_hidden()
    dialog.get_by_role("button", name="Copy the form's prompts into this style").click()
    dialog.get_by_label("Name").fill("Chalk")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_role("status")).to_have_text("Saved in styles.csv.")
    dialog.get_by_label("Style", exact=True).select_option("Ink")
    dialog.get_by_label("Prompt", exact=True).fill("black ink")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_role("status")).to_have_text("Saved in styles.csv.")
    lines = style_file(staged).read_text(encoding="utf-8-sig").splitlines()
    assert lines[1:] == ["Ink,black ink,colours", "Frame,framed {prompt} on a wall,", "Chalk,chalk on slate,"]
    dialog.get_by_role("button", name="Undo").click()
    expect(dialog.get_by_role("status")).to_have_text("Ink is as it was.")
    expect(dialog.get_by_label("Prompt", exact=True)).to_have_value("in ink")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(offered(page)).to_contain_text(["Ink", "Frame", "Chalk"])
    assert "Ink,in ink,colours" in style_file(staged).read_text(encoding="utf-8-sig")


def test_a_deleted_style_leaves_the_choice_and_can_be_brought_back(page: Page, staged: StagedPage) -> None:
    choose(page, "Ink", "Frame")
    dialog = edit(page)
    dialog.get_by_label("Style", exact=True).select_option("Ink")
    dialog.get_by_role("button", name="Delete").click()
    expect(dialog.get_by_role("status")).to_have_text("Deleted Ink.")
    expect(chosen(page)).to_have_text(["Frame"])
    dialog.get_by_role("button", name="Undo").click()
    expect(dialog.get_by_label("Style", exact=True)).to_have_value("Ink")
    assert "Ink,in ink,colours" in style_file(staged).read_text(encoding="utf-8-sig")


def test_a_new_style_with_a_name_that_is_there_replaces_it_and_says_so(page: Page, staged: StagedPage) -> None:
    dialog = edit(page)
    dialog.get_by_label("Name").fill("Ink")
    expect(dialog.get_by_role("status")).to_have_text("Saving replaces the style Ink.")
    dialog.get_by_label("Prompt", exact=True).fill("something else")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_role("status")).to_have_text("Ink was there already and was replaced in styles.csv. Undo brings it back.")
    dialog.get_by_role("button", name="Undo").click()
    expect(dialog.get_by_role("status")).to_have_text("Ink is as it was.")
    assert "Ink,in ink,colours" in style_file(staged).read_text(encoding="utf-8-sig")


def test_what_was_typed_is_kept_while_another_style_is_looked_at(page: Page) -> None:
    dialog = edit(page)
    dialog.get_by_label("Prompt", exact=True).fill("half a thought")
    dialog.get_by_label("Style", exact=True).select_option("Ink")
    expect(dialog.get_by_label("Prompt", exact=True)).to_have_value("in ink")
    dialog.get_by_label("Style", exact=True).select_option("New style")
    expect(dialog.get_by_label("Prompt", exact=True)).to_have_value("half a thought")
    assert page.evaluate(NAMELESS) == []


def test_keys_of_the_page_wait_while_the_editor_is_open(page: Page) -> None:
    dialog = edit(page)
    dialog.get_by_label("Prompt", exact=True).press("Control+Enter")
    expect(page.locator("#txt2img_generate_box")).to_have_attribute("data-phase", "idle")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.locator("#txt2img_styles_edit_button")).to_be_focused()


def test_a_refusal_is_told_in_the_dialog(staged: StagedPage, visitor: Visitor) -> None:
    visit = visitor(staged.url)
    page = visit.open()
    dialog = edit(page)
    dialog.get_by_label("Name").fill("# remark")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_role("status")).to_contain_text("cannot begin with #")
    expect(dialog.get_by_label("Name")).to_have_value("# remark")
    visit.complaints.clear()  # a browser complains of the refusal that this is about


def test_a_file_that_was_changed_by_hand_is_seen_when_the_list_is_opened(page: Page, staged: StagedPage) -> None:
    expect(offered(page)).to_have_count(2)
    style_file(staged).write_text(STYLES + "Oil,in oil,\n", encoding="utf-8")
    expect(offered(page)).to_contain_text(["Ink", "Frame", "Oil"])


def test_a_list_that_is_opened_twice_in_quick_succession_is_the_newest(
    page: Page, staged: StagedPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    list_them, asked, answered = panel.listed_styles, threading.Event(), threading.Event()

    def slow(host: Host) -> Any:
        found = list_them(host)
        if not asked.is_set():
            asked.set()
            assert answered.wait(60)
        return found

    monkeypatch.setattr(panel, "listed_styles", slow)
    expect(offered(page)).to_have_count(2)
    assert asked.wait(60)
    style_file(staged).write_text(STYLES + "Oil,in oil,\n", encoding="utf-8")
    shown = offered(page)
    answered.set()
    expect(shown).to_contain_text(["Ink", "Frame", "Oil"])


def test_the_editor_fits_a_narrow_window(staged: StagedPage, visitor: Visitor) -> None:
    style_file(staged).write_text(STYLES, encoding="utf-8")
    page = visitor(staged.url, width=390, height=844).open()
    box = edit(page).bounding_box()
    assert box and box["x"] >= 0 and box["x"] + box["width"] <= 390 and box["height"] <= 844
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 390

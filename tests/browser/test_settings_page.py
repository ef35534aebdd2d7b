"""The Settings tab in Chromium: finding, changing, refusing, resetting; two windows at once; the page built anew while it is used."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from app.testing.hosts import requirements
from tests.browser.conftest import FEATURES, StagedPage, Visitor, served
from tests.web.conftest import Site, make_site  # noqa: F401  (a fixture used here too)

pytestmark = pytest.mark.browser
QUALITY = "Quality for saved jpeg, webp and avif images"
LOCKED = {"executor": "staged", "webp_lossless": True}


@pytest.fixture
def staged_settings(make_site: Callable[..., Site], port: int) -> Iterator[StagedPage]:  # noqa: F811
    """A served site with the Settings tab."""
    with served(make_site(*FEATURES, "settings_tab", settings=LOCKED), port) as page:
        yield page


def open_settings(page: Page, section: str) -> None:
    page.get_by_role("tab", name="Settings", exact=True).click()
    page.get_by_role("tab", name=section, exact=True).click()


def apply(page: Page, expected: str) -> None:
    page.click("#settings_submit")
    expect(page.locator("#settings_result")).to_have_text(expected)


def kept(site: Site) -> dict[str, object]:
    values: dict[str, object] = json.loads(site.host.paths.config_file.read_text())
    return values


def test_several_settings_are_changed_at_once_and_reset_again(staged_settings: StagedPage, visitor: Visitor) -> None:
    page = visitor(staged_settings.url).open()
    open_settings(page, "Saving images/grids")
    page.get_by_label(QUALITY, exact=True).fill("91")
    page.get_by_role("checkbox", name="Create a text file with infotext").check()
    page.get_by_label("Add number suffix").check()
    expect(page.locator("#settings_submit")).to_have_text("Apply settings (3)")
    apply(page, "3 settings changed: save_images_replace_action, save_txt, jpeg_quality.")
    assert kept(staged_settings.site) == {"jpeg_quality": 91, "save_txt": True, "save_images_replace_action": "Add number suffix"}
    row = page.locator("[data-key=jpeg_quality]")
    expect(row.locator(".setting-facts")).to_have_text("From config.json. Default: 80.")
    row.get_by_role("button", name=f"Reset {QUALITY} to the default").click()
    expect(page.locator("#setting_jpeg_quality_field")).to_have_value("80")
    apply(page, "1 setting changed: jpeg_quality.")
    assert "jpeg_quality" not in kept(staged_settings.site)
    page.check("#settings_changed_only")
    expect(page.locator(".setting:visible")).to_have_count(4)  # two are set by the command line
    page.click("#settings_reset_all")
    apply(page, "2 settings changed: save_images_replace_action, save_txt.")
    assert kept(staged_settings.site) == {}


def test_a_refused_value_is_named_and_the_rest_of_the_input_stays(staged_settings: StagedPage, visitor: Visitor) -> None:
    visit = visitor(staged_settings.url)
    page = visit.open()
    open_settings(page, "Saving images/grids")
    page.get_by_label(QUALITY, exact=True).fill("400")
    page.keyboard.press("Tab")
    expect(page.get_by_label(QUALITY, exact=True)).to_have_value("100")
    page.get_by_label(QUALITY, exact=True).fill("")
    page.get_by_role("checkbox", name="Create a text file with infotext").check()
    page.get_by_role("tab", name="System", exact=True).click()
    page.click("#settings_submit")
    expect(page.locator("#settings_result")).to_contain_text(f"Nothing was changed. The setting '{QUALITY}' (jpeg_quality) is empty")
    expect(page.locator("[data-key=jpeg_quality] .setting-error")).to_contain_text("it must be a whole number from 1 to 100")
    expect(page.locator("#setting_jpeg_quality_field")).to_be_focused()
    assert not staged_settings.site.host.settings.get("save_txt")
    page.fill("#setting_jpeg_quality_field", "40")
    apply(page, "2 settings changed: save_txt, jpeg_quality.")
    assert [complaint for complaint in visit.complaints if "422" not in complaint] == []
    visit.complaints.clear()


def test_what_the_command_line_sets_is_shown_locked_with_the_reason(staged_settings: StagedPage, visitor: Visitor) -> None:
    page = visitor(staged_settings.url).open()
    open_settings(page, "Saving images/grids")
    expect(page.locator("#setting_webp_lossless_field")).to_be_disabled()
    expect(page.locator("[data-key=webp_lossless] .setting-facts")).to_contain_text("Locked: the command line sets it.")


def test_the_search_goes_over_all_pages(staged_settings: StagedPage, visitor: Visitor) -> None:
    page = visitor(staged_settings.url).open()
    open_settings(page, "System")
    page.fill("#settings_search", "directory prompt")
    expect(page.locator(".setting:visible code")).to_have_text(["directories_max_prompt_words"])
    for text, key in (
        ("clip_skip", "CLIP_stop_at_last_layers"),
        ("ENSD", "eta_noise_seed_delta"),
        ("quicksettings_list", "quicksettings_list"),
    ):
        page.fill("#settings_search", text)
        expect(page.locator(f"[data-key={key}]")).to_be_visible()
        expect(page.locator("[data-key=n_rows]")).to_be_hidden()
    page.fill("#settings_search", "no such thing")
    expect(page.get_by_text("No setting is like that.")).to_be_visible()
    page.fill("#settings_search", "")
    expect(page.locator("#settings_system")).to_be_visible()


def test_a_window_with_old_values_does_not_undo_what_another_one_changed(staged_settings: StagedPage, visitor: Visitor) -> None:
    first, second = visitor(staged_settings.url).open(), visitor(staged_settings.url).open()
    open_settings(first, "Saving images/grids")
    first.get_by_role("checkbox", name="Create a text file with infotext").check()
    open_settings(second, "Saving images/grids")
    second.get_by_label(QUALITY, exact=True).fill("55")
    apply(second, "1 setting changed: jpeg_quality.")
    expect(first.locator("#setting_jpeg_quality_field")).to_have_value("80")
    apply(first, "1 setting changed: save_txt.")
    assert kept(staged_settings.site) == {"jpeg_quality": 55, "save_txt": True}
    first.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(first.locator("#setting_jpeg_quality_field")).to_have_value("55")


def test_the_controls_at_the_top_follow_the_settings_tab(staged_settings: StagedPage, visitor: Visitor) -> None:
    staged_settings.site.host.settings.set({"quicksettings_list": ["sd_model_checkpoint", "n_rows", "samples_format"]})
    visit = visitor(staged_settings.url)
    assert visit.page.request.post(f"{visit.url}paintbox/v1/page/reload").ok
    page = visit.open()
    expect(page.locator("#quicksettings #setting_n_rows input[type=number]")).to_have_value("-1")
    open_settings(page, "Saving images/grids")
    expect(page.locator("[data-key=n_rows]")).to_contain_text("at the top of the page")
    page.locator("#quicksettings #setting_n_rows input[type=number]").fill("7")
    page.locator("#quicksettings #setting_n_rows input[type=number]").press("Tab")
    expect(page.locator("[data-key=n_rows] output")).to_have_text("7")
    page.locator("[data-key=n_rows] .setting-reset").click()
    apply(page, "1 setting changed: n_rows.")
    expect(page.locator("#quicksettings #setting_n_rows input[type=number]")).to_have_value("-1")
    staged_settings.site.host.settings.set({"n_rows": 3})
    expect(page.locator("#quicksettings #setting_n_rows input[type=number]")).to_have_value("3")


def test_several_values_are_chosen_and_ordered_with_the_keyboard_alone(staged_settings: StagedPage, visitor: Visitor) -> None:
    page = visitor(staged_settings.url).open()
    open_settings(page, "User interface")
    field = page.get_by_role("combobox", name="Quicksettings list")
    field.press_sequentially("n_ro")
    expect(page.get_by_role("option")).to_have_count(1)
    field.press("Enter")
    page.get_by_role("button", name="Remove n_rows").press("ArrowLeft")
    apply(page, "1 setting changed: quicksettings_list. quicksettings_list works after Reload UI.")
    assert kept(staged_settings.site) == {"quicksettings_list": ["n_rows", "sd_model_checkpoint"]}


def test_an_open_page_and_its_job_go_on_while_another_window_reloads_the_interface(staged_settings: StagedPage, visitor: Visitor) -> None:
    old, new = visitor(staged_settings.url).open(), visitor(staged_settings.url).open()
    old.fill("#txt2img_prompt textarea", "drawn by the old page")
    old.click("#txt2img_generate")
    job = staged_settings.site.executor.running()
    staged_settings.site.host.settings.set({"quicksettings_list": ["sd_model_checkpoint", "n_rows"]})
    new.click("#footer [data-reload-page]")
    expect(new.locator("#quicksettings #setting_n_rows")).to_be_visible()
    expect(new.locator("#txt2img_generate_box")).to_have_attribute("data-phase", "running")  # it finds the job again
    staged_settings.site.executor.finish()
    expect(old.locator("#html_info_txt2img")).to_contain_text("drawn by the old page")
    expect(new.locator("#html_info_txt2img")).to_contain_text("drawn by the old page")
    old.click("#txt2img_generate")
    assert staged_settings.site.executor.running().id != job.id
    staged_settings.site.executor.finish()
    expect(old.locator("#txt2img_generate_box")).to_have_attribute("data-phase", "idle")
    expect(old.locator("#quicksettings #setting_n_rows")).to_have_count(0)


def test_reload_asks_before_changes_are_lost(staged_settings: StagedPage, visitor: Visitor) -> None:
    page = visitor(staged_settings.url).open()
    open_settings(page, "Saving images/grids")
    page.get_by_role("checkbox", name="Create a text file with infotext").check()
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    page.click("#settings_restart_gradio")
    assert asked == ["1 changed setting is not applied. Reload all the same?"]
    expect(page.get_by_role("checkbox", name="Create a text file with infotext")).to_be_checked()


@pytest.fixture
def fresh(make_site: Callable[..., Site], port: int, tmp_path: Path) -> Iterator[StagedPage]:  # noqa: F811
    """A served site as it is installed: every built-in extension, and nothing in the data folder."""
    with served(make_site(*requirements(tmp_path)), port) as page:
        yield page


def test_nothing_is_changed_on_a_fresh_installation_and_a_setting_can_be_applied(fresh: StagedPage, visitor: Visitor) -> None:
    page = visitor(fresh.url).open()
    open_settings(page, "User interface")
    expect(page.locator("[data-key=face_restoration_model]")).to_be_attached()
    expect(page.locator(".setting.is-pending")).to_have_count(0)
    expect(page.locator("#settings_submit")).to_have_text("Apply settings")
    page.get_by_role("combobox", name="Quicksettings list").fill("sd_vae")
    page.get_by_role("option").filter(has_text="sd_vae:").click()
    expect(page.locator("#settings_submit")).to_have_text("Apply settings (1)")
    apply(page, "1 setting changed: quicksettings_list. quicksettings_list works after Reload UI.")
    page.click("#settings_reset_all")
    expect(page.locator("#settings_result")).to_have_text("1 setting goes back to its default with Apply settings.")

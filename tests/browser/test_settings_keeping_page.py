"""Settings that are kept: a profile saved, looked at, applied and undone; a file exported and imported; the further pages."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import FEATURES, StagedPage, Visitor, served
from tests.web.conftest import Site, make_site  # noqa: F401  (a fixture used here too)

pytestmark = pytest.mark.browser
PAGES = ("settings_tab", "ui_defaults", "system_info", "licenses", "settings_actions")


@pytest.fixture
def staged_keeping(make_site: Callable[..., Site], port: int) -> Iterator[StagedPage]:  # noqa: F811
    """A served site with all pages of the settings."""
    with served(make_site(*FEATURES, *PAGES), port) as page:
        yield page


def open_page(page: Page, name: str) -> None:
    page.get_by_role("tab", name="Settings", exact=True).click()
    page.get_by_role("tab", name=name, exact=True).click()


def test_a_profile_and_a_file_are_looked_at_before_they_change_anything(staged_keeping: StagedPage, visitor: Visitor) -> None:
    settings = staged_keeping.site.host.settings
    settings.set({"jpeg_quality": 50, "save_txt": True})
    page = visitor(staged_keeping.url).open()
    open_page(page, "Profiles, export and import")
    page.fill("#settings_profile_name", "Evening")
    page.click("#settings_profile_save")
    expect(page.locator(".settings-profile")).to_contain_text("Evening")
    settings.set({"n_rows": 3}, ["jpeg_quality"])
    page.check("#settings_profile_resets")
    page.get_by_role("button", name="Apply Evening …").click()
    review = page.locator("#settings_review")
    expect(review.locator("tbody tr")).to_have_text([_row("jpeg_quality", 80, 50), _row("n_rows", 3, -1)])
    assert settings.get("jpeg_quality") == 80, "nothing has changed yet"
    review.get_by_role("checkbox", name="Grid row count").uncheck()
    page.click("#settings_review_apply")
    expect(page.get_by_text("1 setting changed: jpeg_quality.")).to_be_visible()
    assert (settings.get("jpeg_quality"), settings.get("n_rows")) == (50, 3)
    page.locator(".settings-told").get_by_role("button", name="Undo").click()
    expect(page.get_by_text("1 setting changed: jpeg_quality.")).to_be_visible()
    assert settings.get("jpeg_quality") == 80

    with page.expect_download() as download:
        page.click("#settings_export")
    exported = json.loads(download.value.path().read_text())
    assert exported["save_txt"] is True and exported["n_rows"] == 3
    file = {"name": "mine.json", "mimeType": "application/json", "buffer": json.dumps({"save_txt": False, "of_another": 1}).encode()}
    page.set_input_files("#settings_import_file", file)
    expect(review).to_contain_text("of_another")
    expect(review.locator("tbody tr")).to_have_count(1)
    page.click("#settings_review_apply")
    expect(page.get_by_text("Kept aside: of_another")).to_be_visible()
    assert settings.get("save_txt") is False
    page.get_by_role("button", name="Delete Evening").click()
    expect(page.get_by_text("There is no profile yet.")).to_be_visible()
    page.locator(".settings-told").get_by_role("button", name="Undo").click()
    expect(page.locator(".settings-profile")).to_contain_text("Evening")


def test_a_name_and_a_file_that_cannot_be_are_refused_in_words(staged_keeping: StagedPage, visitor: Visitor) -> None:
    page = visitor(staged_keeping.url).open()
    open_page(page, "Profiles, export and import")
    told, review = page.locator(".settings-told"), page.locator("#settings_review")
    page.fill("#settings_profile_name", "day/night")
    page.click("#settings_profile_save")
    expect(told).to_have_text("The name of a profile has no slash: it is the name of a file.")
    for text, words in (('{"n_rows": 5}', ""), ('{"n_rows"', "This is no settings file: it cannot be read as JSON.")):
        page.set_input_files("#settings_import_file", {"name": "mine.json", "mimeType": "application/json", "buffer": text.encode()})
        expect(review).to_be_visible(visible=not words)
        expect(told).to_have_text(words)


def test_the_further_pages_and_undo(staged_keeping: StagedPage, visitor: Visitor) -> None:
    page = visitor(staged_keeping.url).open()
    page.locator("#txt2img_steps input[type=number]").fill("33")
    open_page(page, "Saving images/grids")
    page.get_by_label("Grid row count", exact=True).first.fill("4")
    page.click("#settings_submit")
    expect(page.locator("[data-key=n_rows] .setting-source")).to_have_text("config.json")
    page.click("#settings_undo")
    expect(page.locator("[data-key=n_rows] .setting-source")).to_have_text("default")
    for name, expected in (
        ("Sysinfo", "#settings_tab_sysinfo .settings-report:has-text('Checksum')"),
        ("Licenses", "#settings_tab_licenses summary:has-text('fastapi')"),
        ("Actions", "#settings_reload_script_bodies"),
        ("Actions", "#calculate_all_checkpoint_hash"),
        ("Defaults", "#ui_defaults_review td:has-text('Sampling steps')"),
    ):
        page.get_by_role("tab", name=name, exact=True).click()
        expect(page.locator(expected).first).to_be_visible()
    page.click("#ui_defaults_apply")
    expect(page.get_by_text("They work after Reload UI.")).to_be_visible()
    written = json.loads((staged_keeping.site.host.paths.data / "ui-config.json").read_text())
    assert written["txt2img/Sampling steps/value"] == 33
    page.locator("#settings_tab_defaults [data-reload-page]").click()
    expect(page.locator("#txt2img_steps input[type=number]")).to_have_value("33")


def _row(key: str, now: int, then: int) -> str:
    labels = {"jpeg_quality": "Quality for saved jpeg, webp and avif images", "n_rows": "Grid row count"}
    return f"{labels[key]}{key}{now}{then}"

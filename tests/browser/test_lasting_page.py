"""A page that stays open while the server fails, is away, or is started anew with another page."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import StagedPage, Visitor, wait_until
from tests.browser.test_staged_page import generate, phase, shown_picture

PROMPT = "#txt2img_prompt textarea"
LOST = "Connection to the server was lost"


def typed(page: Page, text: str) -> None:
    """Type as people do: what a script puts in is no change of theirs."""
    page.click(PROMPT)
    page.keyboard.type(text)


def test_a_call_that_fails_ends_the_waiting_and_is_told(staged: StagedPage, visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*given: Any, **named: Any) -> None:
        raise ValueError("a mistake in an extension")

    visit = visitor(staged.url)
    page = visit.open()
    monkeypatch.setattr(staged.site.host.jobs, "submit", fail)
    generate(page, "a gate")
    expect(page.locator("#txt2img_problem")).to_contain_text("its log says why")
    expect(page.locator(".worker-status")).to_contain_text("answered a click with an error")
    phase(page, "idle")
    monkeypatch.undo()
    page.click("#txt2img_generate")
    staged.site.executor.finish()
    shown_picture(page)
    expect(page.locator("#txt2img_problem .note")).to_have_count(0)
    assert {complaint.split(": ")[0] for complaint in visit.complaints} == {"500", "console"}
    visit.complaints.clear()


def test_a_page_of_another_start_keeps_what_is_typed_and_is_loaded_again(staged: StagedPage, visitor: Visitor) -> None:
    def outdated(route: Route) -> None:
        route.fulfill(json={"page": 1, "is_usable": False})

    page = visitor(staged.url).open()
    typed(page, "typed a moment ago")
    page.evaluate("() => { window.isOld = true; }")
    page.route("**/paintbox/v1/page?*", outdated, times=1)
    page.evaluate("() => { window.paintbox.checkPage(); }")
    page.wait_for_function("() => !window.isOld")
    page.wait_for_selector("#tabs:not([inert])", state="attached")
    expect(page.locator(PROMPT)).to_have_value("typed a moment ago")


def test_what_is_typed_while_the_server_is_away_is_kept_when_it_is_back(staged: StagedPage, visitor: Visitor) -> None:
    visit = visitor(staged.url)
    page = visit.open()
    typed(page, "first")
    wait_until(page, "async () => (await window.paintbox.request('GET', 'paintbox/v1/drafts/txt2img')).prompt === 'first'")
    page.context.set_offline(True)
    page.click("#txt2img_generate")
    expect(page.locator(".toast-body")).to_contain_text(LOST)
    phase(page, "idle")
    typed(page, " and then")
    page.evaluate("() => { window.isOld = true; }")
    page.context.set_offline(False)
    page.wait_for_function("() => !window.isOld")
    page.wait_for_selector("#tabs:not([inert])", state="attached")
    expect(page.locator(PROMPT)).to_have_value("first and then")
    visit.complaints.clear()  # a browser complains of every request that finds no server

"""The page with every shipped extension, in Chromium: usable by everybody, photographed, measured, and drawn with on a phone."""

from __future__ import annotations

import json
import threading
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page, expect
from starlette.testclient import TestClient

from app.paths import CHECKOUT
from app.testing.executors import ExecutorPlugin
from app.testing.hosts import forgetting_extensions, temporary_host
from app.web.server import create_app
from benchmarks.page import LIMITS, NAMES, Measured, visit
from tests.browser.a1111_controls import different_controls
from tests.browser.conftest import SHOTS, Reporter, StagedPage, Visitor, served
from tests.browser.focus_rings import unseen_focus
from tests.browser.test_img2img_page import click_until
from tests.web.conftest import ORIGIN, Site
from tests.web.staged import StagedExecutor

pytestmark = pytest.mark.browser
AGAINST = """(rules) => axe.run(document, { resultTypes: ["violations"], ...(rules ? { runOnly: rules } : {}) })
    .then(({ violations }) => violations.map(({ id, impact, help, helpUrl, nodes }) => ({ id, impact, help, helpUrl,
        nodes: nodes.map(({ target, html }) => ({ target, html: html.slice(0, 160) })) })))"""
"""Script: what axe-core has against what is shown; all of its rules, or the named ones."""
FILLED = """() => [...document.querySelectorAll(".page-view")].every((place) => place.offsetParent === null
    || (place.querySelector("button, input, select, textarea") && !place.textContent.trim().startsWith("Loading")))"""
"""Script: the views that are seen have been drawn."""
IN_THEME = "(isDark) => document.body.classList.toggle('dark', isDark)"
LEFT_OUT = ("local_executor", "passwords")
REST_MS, LETTERS = 50, "a barn, fog"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, port: int) -> Iterator[StagedPage]:
    """A served site with every shipped extension; jobs wait for the test."""
    folder = tmp_path_factory.mktemp("whole")
    shipped = sorted(path.parent.name for path in CHECKOUT.glob("extensions/*/pyproject.toml"))
    with forgetting_extensions():
        host = temporary_host(folder, [name for name in shipped if name not in LEFT_OUT], options={"settings": {"executor": "staged"}})
        executor = StagedExecutor(folder / "pictures")
        host.hooks.register("staged", ExecutorPlugin(executor))
        with host.running(), served(Site(host, TestClient(create_app(host), base_url=ORIGIN), executor), port) as page:
            yield page


def tabs_of(page: Page) -> list[str]:
    buttons = page.locator("#tabs > .tab-wrapper .tab-container button[role=tab]").all()
    return [str(button.get_attribute("id")) for button in buttons]


def sentences(place: str, against: list[dict[str, Any]]) -> list[str]:
    return [f"{place}: {each['id']} ({each['impact']}): {node['target']} {node['html']}" for each in against for node in each["nodes"]]


def too_large_or_small(page: Page) -> list[str]:
    """What a thumb cannot hit, or does not fit, in a narrow window."""
    page.evaluate("window.paintbox.openTab('settings')")
    more = page.locator("#tabs > .tab-wrapper .overflow-menu > button").bounding_box()
    found = [] if more and more["width"] >= 40 and more["height"] >= 40 else [f"the button of the other tabs: {more}"]
    page.get_by_label("Page of settings").select_option("tab_sysinfo")
    file = page.locator("#sysinfo_file")
    expect(file).to_be_visible()
    over = file.evaluate("(box) => box.getBoundingClientRect().right - box.parentElement.getBoundingClientRect().right")
    return found if over <= 0 else [*found, f"the report's file sticks out by {over} px"]


def test_every_tab_can_be_used_by_everybody_and_is_photographed(whole: StagedPage, visitor: Visitor, report: Reporter) -> None:
    visit = visitor(whole.url)
    page = visit.open()
    page.add_style_tag(content="* { transition: none !important }")
    page.evaluate(AXE_SCRIPT)
    SHOTS.mkdir(parents=True, exist_ok=True)
    problems = []
    tabs = [button.removesuffix("-button") for button in tabs_of(page)]
    for tab in tabs:
        visit.go_to(tab)
        click_until(page, f"#{tab}-button", lambda ms, tab=tab: expect(page.locator(f"#{tab}")).to_be_visible(timeout=ms))
        page.wait_for_function(FILLED)
        page.wait_for_load_state("networkidle")
        page.screenshot(path=SHOTS / f"{tab}.png", full_page=True)
        problems += different_controls(page, tab)
        light = page.evaluate(AGAINST)
        page.evaluate(IN_THEME, True)
        dark = page.evaluate(AGAINST, ["color-contrast"])
        page.evaluate(IN_THEME, False)
        for place, against in ((tab, light), (f"{tab}, dark", dark)):
            report("accessibility", place, against)
            problems += sentences(place, against)
        problems += unseen_focus(page, tab)
    page.set_viewport_size({"width": 390, "height": 844})
    for tab in tabs:
        page.evaluate("(tab) => window.paintbox.openTab(tab)", tab.removeprefix("tab_"))
        expect(page.locator(f"#{tab}")).to_be_visible()
        if page.evaluate("document.scrollingElement.scrollWidth") > 390:
            problems.append(f"{tab}: a narrow window scrolls sideways")
    page.screenshot(path=SHOTS / "narrow.png")
    problems += too_large_or_small(page)
    page.evaluate("(tab) => window.paintbox.openTab(tab)", "img2img")
    page.click("#deepbooru")
    told = page.locator("#img2img_problem")
    expect(told).to_have_text("Paintbox comes without a tagger (DeepBooru). Install one in the tab Extensions.")
    expect(told).to_be_in_viewport()
    assert problems == []


def test_a_phone_draws_with_a_thumb(whole: StagedPage, visitor: Visitor) -> None:
    page = visitor(whole.url, width=390, height=844).open()
    page.fill("#txt2img_prompt textarea", "a red barn")
    button = page.locator("#txt2img_generate")
    box = button.bounding_box()
    assert box is not None and box["height"] >= 40 and box["width"] >= 80 and box["x"] + box["width"] <= 390
    button.click()
    whole.site.executor.finish(count=2, seed=31)
    picture = page.locator("#txt2img_gallery .preview img, #txt2img_gallery .thumbnail-item img").first
    expect(picture).to_be_visible()
    picture.scroll_into_view_if_needed()
    expect(picture).to_be_in_viewport()
    expect(page.locator("#html_info_txt2img")).to_contain_text("Seed: 31")
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 390


@dataclass(frozen=True)
class Address:
    """Where the benchmark finds the page."""

    url: str

    def get(self, path: str) -> Any:
        """GET JSON."""
        with urllib.request.urlopen(self.url + path, timeout=60) as answer:
            return json.load(answer)


def test_the_page_is_light_and_its_console_silent(whole: StagedPage, chromium: Browser, report: Reporter) -> None:
    measured, executor = Measured(), whole.site.executor
    executor.on_submit = lambda job: threading.Thread(target=executor.finish, daemon=True).start()
    visit(chromium, Address(whole.url.rstrip("/")), measured, REST_MS, LETTERS)
    for key, values in measured.values.items():
        name, unit = NAMES.get(key, (key, "ms"))
        report("budgets", name, {"values": values, "unit": unit, "limit": LIMITS.get(key)})
    assert measured.complaints == []
    assert max(measured.values["weight"]) <= LIMITS["weight"]

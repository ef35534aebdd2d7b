"""The whole page in Simplified Chinese: on no tab and in no list is there an English text of ours; and tables made for A1111."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from app.localizations import localization_folders, read_localization
from app.paths import CHECKOUT
from tests.browser.conftest import FEATURES, StagedPage, Visitor, served
from tests.web.conftest import Site, make_site  # noqa: F401  (a fixture used here too)

pytestmark = pytest.mark.browser

WORDS = re.compile(r"\b[A-Za-z]['a-z]+ [a-z]{2,}")
"""Two words after each other are English; one alone may be a name."""
CHINESE = re.compile(r"[\u4e00-\u9fff]")
NAMES = (
    *("Stable Diffusion", "Additional Networks", "A1111 API", "FreeU", "LyCORIS", "TAESD"),  # products
    *("sigma churn", "sigma tmin", "sigma tmax", "sigma noise"),  # what everybody calls them
)
SHOWN = """() => {
  const found = [];
  const isOwn = (element) => {
    const nearest = element.closest("[translate], code, pre, .token, .infotext, .versions");
    return Boolean(nearest) && nearest.getAttribute("translate") !== "yes";
  };
  const isOpened = (element) => Boolean(element.closest("details")?.querySelector(":scope > summary")?.checkVisibility());
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
  for (let node = walker.currentNode; node; node = walker.nextNode()) {
    const element = node.nodeType === Node.TEXT_NODE ? node.parentElement : node;
    if (!element.checkVisibility() && !isOpened(element)) continue;
    if (/^(SCRIPT|STYLE|TEMPLATE|TEXTAREA)$/.test(element.tagName) || isOwn(element)) continue;
    if (node.nodeType === Node.TEXT_NODE) found.push(node.data);
    else {
      for (const name of ["title", "placeholder", "aria-label", "alt", "data-label"]) found.push(element.getAttribute(name) || "");
      if (element.getAttribute("role") === "listbox" && element.tagName === "INPUT") found.push(element.value);
    }
  }
  return [...new Set(found.map((text) => text.trim()))];
}"""


@pytest.fixture
def chinese(make_site: Callable[..., Site], port: int) -> Iterator[StagedPage]:  # noqa: F811
    """A served site with every extension that comes with Paintbox, in Chinese."""
    shipped = sorted(folder.parent.name for folder in (CHECKOUT / "extensions").glob("*/pyproject.toml"))
    site = make_site(*(name for name in shipped if name != "local_executor"), settings={"executor": "staged", "localization": "zh_CN"})
    with served(site, port) as page:
        yield page


def english(page: Page, site: Site) -> list[str]:
    """What is shown and is English: texts that the table has, and others of several words that are no names."""
    table = read_localization("zh_CN", localization_folders(site.host)).texts
    host = site.host
    names = {
        *NAMES,
        *(each.name for each in host.samplers),
        *(each.label for each in host.schedules),
        *(each.name for each in host.upscalers),
    }
    shown = [text for text in page.evaluate(SHOWN) if text not in names and not CHINESE.search(text)]
    return [text for text in shown if table.get(text, text) != text or WORDS.search(text)]


def test_no_tab_has_an_english_text_of_ours(chinese: StagedPage, visitor: Visitor) -> None:
    page = visitor(chinese.url).open()
    expect(page.locator("#txt2img_generate")).to_have_text("生成")
    for words in ("版本：", "模型："):
        expect(page.locator("#footer .versions")).to_contain_text(words)
    assert page.evaluate("window.paintbox.translate('Thumbnail 1 of 3')") == "缩略图 1，共 3 张"
    left: dict[str, list[str]] = {}

    def look(where: str) -> None:
        if found := [text for text in english(page, chinese.site) if not any(text in known for known in left.values())]:
            left[where] = found

    for tab in (page.get_attribute("[data-tabs]", "data-tabs") or "").split():
        page.evaluate("(id) => window.paintbox.openTab(id)", tab)
        page.wait_for_load_state("networkidle")
        look(tab)
        for number in range(page.evaluate(INNER, [tab, -1])):
            page.evaluate(INNER, [tab, number])
            page.wait_for_load_state("networkidle")
            look(f"{tab} {number}")
    page.evaluate("() => window.paintbox.openTab('txt2img')")
    for script in sorted(script.title for script in chinese.site.host.scripts if script.is_offered("txt2img")):
        page.evaluate("(title) => window.paintbox.scripts.show('txt2img', title, '{}')", script)
        page.wait_for_load_state("networkidle")
        look(script)
    assert not left, f"{json.dumps(left, indent=1)}\ntranslate these in zh_CN, or mark what is a name with translate='no'"


INNER = """([id, number]) => {
  const tabs = [...document.querySelectorAll(`[id="tab_${id}"] [role=tab]`)].filter((each) => each.offsetParent);
  if (number >= 0 && tabs[number]) tabs[number].click();
  return tabs.length;
}"""


@pytest.fixture
def made_for_a1111(make_site: Callable[..., Site], port: int, tmp_path: Path) -> Iterator[StagedPage]:  # noqa: F811
    """A site with an extension for A1111 that holds nothing but a table, and a broken table of the user's beside it."""
    table = {
        "Generate": "Erzeugen",
        "Sampling steps": "Schritte",
        "Settings": "Einstellungen",
        "Localization": "Sprache",
        "Width": '<img src=x onerror="window.isHurt = true">',
        "@@/^Number (\\d+) of (\\d+)$/i": "$2: $1",
        "@@/(/": "broken",
        "##txt2img_height##Height": "Höhe hier",
        "Height": "Höhe",
        "Interrogate\nCLIP": "x",
        "-": "-",
    }
    for folder, name, text in (
        (tmp_path / "data" / "extensions" / "german" / "localizations", "de_DE", json.dumps(table, indent=4)),
        (tmp_path / "data" / "localizations", "fr_FR", '{"Generate": "Créer",'),
    ):
        folder.mkdir(parents=True)
        (folder / f"{name}.json").write_text(text, encoding="utf-8")
    site = make_site(*FEATURES, "settings_tab", "localization", "german")
    site.host.settings.set({"localization": "de_DE"})
    with served(site, port) as page:
        yield page


def test_a_table_for_a1111_is_used_as_it_is(made_for_a1111: StagedPage, visitor: Visitor) -> None:
    visit = visitor(made_for_a1111.url)
    assert visit.page.request.post(f"{visit.url}paintbox/v1/page/reload").ok
    page = visit.open()
    expect(page.locator("#txt2img_generate")).to_have_text("Erzeugen")
    expect(page.locator("#txt2img_steps").get_by_text("Schritte", exact=True)).to_be_visible()
    expect(page.locator("#txt2img_height").get_by_text("Höhe hier", exact=True)).to_be_visible()
    expect(page.locator("#txt2img_width")).to_contain_text('<img src=x onerror="window.isHurt = true">')
    page.evaluate("() => document.body.insertAdjacentHTML('beforeend', '<p id=later><b>Number 3 of 7</b> <i>Height</i></p>')")
    expect(page.locator("#later")).to_have_text("7: 3 Höhe")
    page.get_by_role("tab", name="Einstellungen", exact=True).click()
    page.fill("#settings_search", "sprache")
    expect(page.locator("[data-key=localization] .setting-label")).to_have_text("Sprache")
    assert page.evaluate("window.isHurt") is None
    made_for_a1111.site.host.settings.set({"localization": "fr_FR"})
    assert page.request.post(f"{visit.url}paintbox/v1/page/reload").ok
    page = visit.open()
    expect(page.locator("#txt2img_generate")).to_have_text("Generate")
    expect(page.get_by_text("fr_FR.json")).to_be_visible()

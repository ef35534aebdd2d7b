"""The page in another language: labels, hints, what is drawn later; what belongs to users stays, and English loads nothing of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import FEATURES, StagedPage, Visitor, served
from tests.web.conftest import Site, make_site  # noqa: F401  (a fixture used here too)

pytestmark = pytest.mark.browser


@pytest.fixture
def staged_language(make_site: Callable[..., Site], port: int) -> Iterator[StagedPage]:  # noqa: F811
    """A served site with the Settings tab, the languages, and a table of the user's that is written from right to left."""
    site = make_site(*FEATURES, "settings_tab", "localization", settings={"executor": "staged"})
    folder = site.host.paths.data / "localizations"
    folder.mkdir()
    contexts = {"Both": "Beide", "tree|Both": "Äste"}
    networks = {
        "lora {}: {}": "lora {}!",
        "{} {}: {}/{} keys applied": "{} {} {}/{}",
        "Nothing to do.": "Nichts.",
        "Try {}.": "Nimm {}.",
        "{} of it.": "x",
    }
    table = {**contexts, **networks, "rtl": True, "Generate": "Los", "{} settings changed: {}.": "{1} ({0})", "my words": "never shown"}
    (folder / "he_IL.json").write_text(json.dumps(table), encoding="utf-8")
    with served(site, port) as page:
        yield page


def test_a_language_is_chosen_shown_everywhere_and_left_again(staged_language: StagedPage, visitor: Visitor) -> None:
    visit = visitor(staged_language.url)
    asked: list[str] = []
    visit.page.on("request", lambda request: asked.append(request.url))
    page = visit.open()
    assert not any("localiz" in address for address in asked), "nothing of it is loaded without a language"
    page.get_by_role("tab", name="Settings", exact=True).click()
    page.get_by_role("tab", name="User interface", exact=True).click()
    page.select_option("#setting_localization_field", label="简体中文 (zh_CN)")
    page.click("#settings_submit")
    expect(page.locator("#settings_result")).to_contain_text("localization works after Reload UI.")
    page.click("#settings_restart_gradio")
    expect(page.locator("#txt2img_generate")).to_have_text("生成")
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    hint = "提示词\n（Ctrl+Enter 生成，Alt+Enter 跳过，Esc 中止）"
    expect(page.locator("#txt2img_prompt textarea")).to_have_attribute("placeholder", hint)
    expect(page.locator("#txt2img_reuse_seed")).to_have_attribute("title", "使用选中图像的种子")
    expect(page.locator("#txt2img_steps").get_by_text("迭代步数", exact=True)).to_be_visible()
    page.wait_for_selector("#tabs:not([inert])", state="attached")
    page.fill("#txt2img_prompt textarea", "Generate")
    page.click("#txt2img_generate")
    staged_language.site.executor.running()
    staged_language.site.executor.finish()
    expect(page.locator("#html_info_txt2img")).to_contain_text("Generate")  # the infotext has the user's word
    expect(page.locator("#txt2img_prompt textarea")).to_have_value("Generate")
    page.get_by_role("tab", name="设置", exact=True).click()
    expect(page.locator("#settings_submit")).to_have_text("应用设置")
    page.fill("#settings_search", "本地化")
    row = page.locator("[data-key=localization]")
    expect(row.locator(".setting-facts")).to_contain_text("来自 config.json。 默认值：无。 更改在重载界面后生效。")
    expect(row.locator("code")).to_have_text("localization")
    options = page.locator("#setting_localization_field option")
    expect(options.first).to_have_text("无")
    expect(options.last).to_have_text("简体中文 (zh_CN)")  # the others are names, and no words


def test_a_table_of_ones_own_turns_the_page_around(staged_language: StagedPage, visitor: Visitor) -> None:
    staged_language.site.host.settings.set({"localization": "he_IL"})
    visit = visitor(staged_language.url)
    assert visit.page.request.post(f"{visit.url}paintbox/v1/page/reload").ok
    page = visit.open()
    expect(page.locator("#txt2img_generate")).to_have_text("Los")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    given = [
        "2 settings changed: a, b.",
        " Generate ",
        "17",
        "other words",
        "lora a: 1/2 keys applied",
        "Nothing to do. Try Generate.",
        "own of it.",
    ]
    words = page.evaluate("(texts) => texts.map(window.paintbox.translate)", given)
    assert words == ["a, b (2)", " Los ", "17", "other words", "lora a 1/2", "Nichts. Nimm Los.", "own of it."]
    for markup, expected in (
        ('<p id="x">Generate</p>', "Los"),
        ('<p id="x" translate="no">my words</p>', "my words"),
        ('<p id="x">Both</p>', "Beide"),
        ('<p data-context="tree"><b id="x">Both</b></p>', "Äste"),
        ('<p data-context="sea"><b id="x">Both</b></p>', "Beide"),
        ('<p data-context="tree"><b id="x">Generate</b></p>', "Los"),
    ):
        page.evaluate("(markup) => document.body.insertAdjacentHTML('beforeend', markup)", markup)
        expect(page.locator("#x")).to_have_text(expected)
        page.evaluate("document.getElementById('x').remove()")

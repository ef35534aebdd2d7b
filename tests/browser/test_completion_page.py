"""Completion in Chromium: what is offered while somebody types, how it is taken, and whom it leaves alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import FEATURES, StagedPage, Visitor, served
from tests.web.conftest import Site

pytestmark = pytest.mark.browser
TAGS = """1girl,0,900,"girl,""one"" girl"
blue_eyes,0,800,"青い目,blue_eye"
blue_sky,0,700,
cat_(animal),4,600,neko
o_o,0,50,
dark_blue_hair,0,40,
"<b>hostile</b>,x",1,30,
"""
MODULE = "paintbox/assets/tag_autocomplete/view/"
TYPED = """async ([folder, texts]) => {
  const { typedBefore } = await import(window.paintbox.address(folder + "typed.js"));
  return texts.map((text) => { const found = typedBefore(text); return found && [found.kind, found.tries.map(({ text }) => text)]; });
}"""


@pytest.fixture
def staged(make_site: Callable[..., Site], port: int) -> Iterator[StagedPage]:
    site = make_site(*FEATURES, "hires_fix", "tag_autocomplete", "wildcards", "hypernetworks")
    data = site.host.paths.data
    for name, text in {
        "tags/danbooru.csv": TAGS,
        "wildcards/color.txt": "red",
        "styles.csv": 'name,prompt,negative_prompt\nInky,"ink, {prompt}",color\n',
        "models/hypernetworks/nightly.pt": "",
    }.items():
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_text(text, encoding="utf-8")
    with served(site, port) as page:
        yield page


def type_until_offered(page: Page, text: str, *offered: str) -> None:
    """Type a text; what is offered for it is there in the end."""
    page.keyboard.type(text)
    expect(page.locator(".tag-completions li .completion-name")).to_have_text([*offered])


def test_typing_a_prompt(staged: StagedPage, visitor: Visitor) -> None:
    page = visitor(staged.url).open()
    box = page.locator("#txt2img_prompt textarea")
    rows = page.locator(".tag-completions li")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    box.click()
    assert not any("tag_autocomplete/view" in url or "autocomplete" in url.split("/v1/")[-1] for url in asked)

    type_until_offered(page, "Blue", "blue_eyes", "blue_sky", "dark_blue_hair")
    expect(box).to_have_attribute("role", "combobox")
    expect(rows.first).to_contain_text("800")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(rows.nth(1)).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", rows.nth(1).get_attribute("id") or "")
    page.keyboard.press("Enter")
    expect(box).to_have_value("blue sky, ")
    expect(box).not_to_have_attribute("role", "combobox")

    type_until_offered(page, "neko", "neko → cat_(animal)")
    page.keyboard.press("Tab")
    expect(box).to_have_value(r"blue sky, cat \(animal\), ")
    page.keyboard.press("Control+z")
    expect(box).to_have_value("blue sky, neko")
    page.keyboard.press("Escape")

    type_until_offered(page, ", <hy", "nightly")
    rows.first.click()
    expect(box).to_have_value("blue sky, neko, <hypernet:nightly:1>")
    type_until_offered(page, " __co", "color")
    page.keyboard.press("Tab")
    type_until_offered(page, ", inky", "Inky")
    page.keyboard.press("Tab")
    expect(box).to_have_value("blue sky, neko, <hypernet:nightly:1> __color__, ink, ")
    type_until_offered(page, "hostile", "<b>hostile</b>,x")

    type_until_offered(page, "\na girl with blue", "blue_eyes", "blue_sky")
    page.keyboard.press("Escape")
    expect(rows.first).to_be_hidden()
    page.keyboard.press("Enter")
    expect(box).to_have_value("blue sky, neko, <hypernet:nightly:1> __color__, ink, hostile\na girl with blue\n")

    page.locator("#txt2img_neg_prompt textarea").click()
    type_until_offered(page, "ink", "Inky")
    page.keyboard.press("Tab")
    expect(page.locator("#txt2img_neg_prompt textarea")).to_have_value("color, ")

    page.click("#txt2img_styles_edit_button")
    style = page.locator("#txt2img_edit_style_prompt textarea")
    style.click()
    type_until_offered(page, "1g", "1girl")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Styles")).to_be_visible()
    type_until_offered(page, "i", "1girl")
    rows.first.click()
    expect(style).to_have_value("1girl, ")

    assert page.evaluate(TYPED, [MODULE, ["", "a, ", "(a:1.2", "(cat", "<lora:x", "<l:x> ca", "__a__ b", "a __b", "{a|bl", "x:c"]]) == [
        None, None, None, ["plain", ["cat"]], ["tag", ["<lora:x"]], ["plain", ["ca"]], ["plain", ["__a__ b"]], ["wildcard", ["b"]],
        ["plain", ["bl"]], ["plain", ["x:c", "c"]],
    ]  # fmt: skip


def test_composed_letters_are_looked_up_when_they_are_done(staged: StagedPage, visitor: Visitor) -> None:
    page = visitor(staged.url, width=390, height=800).open()
    box = page.locator("#txt2img_prompt textarea")
    box.click()
    type_until_offered(page, "1g", "1girl")
    edge = page.locator(".tag-completions").bounding_box()
    assert edge is not None and edge["x"] >= 0 and edge["x"] + edge["width"] <= 390
    box.fill("")
    session = page.context.new_cdp_session(page)
    session.send("Input.imeSetComposition", {"text": "青", "selectionStart": 1, "selectionEnd": 1})
    expect(page.locator(".tag-completions li").first).to_be_hidden()
    session.send("Input.insertText", {"text": "青い"})
    expect(page.locator(".tag-completions li .completion-name")).to_have_text(["青い目 → blue_eyes"])
    page.keyboard.press("Tab")
    expect(box).to_have_value("blue eyes, ")

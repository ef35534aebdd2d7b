"""What surrounds the forms, in Chromium: viewer, deleting, generating forever, keys and drops."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from playwright.sync_api import Page, expect

from app.values.job import JobState
from tests.browser.conftest import FEATURES, StagedPage, Visitor, served
from tests.browser.test_img2img_page import do_until
from tests.browser.test_staged_page import BEYOND
from tests.web.conftest import Site

pytestmark = pytest.mark.browser
FRAME = ("img2img", "picture_viewer", "picture_trash", "generate_forever", "prompt_editing", "notifications", "training_place")
DROP = """([place, bytes]) => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(bytes)], "dropped.png", { type: "image/png" }));
    const event = new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true });
    document.querySelector(place).dispatchEvent(event);
}"""


@pytest.fixture
def framed(make_site: Callable[..., Site], port: int) -> Iterator[StagedPage]:
    """A served site with everything that surrounds the forms."""
    with served(make_site(*FEATURES, *FRAME), port) as page:
        yield page


def drawn(page: Page, staged: StagedPage, count: int = 3) -> list[Any]:
    page.fill("#txt2img_prompt textarea", "a red barn")
    page.click("#txt2img_generate")
    saved = staged.site.executor.finish(count=count, seed=31)
    expect(page.locator("#txt2img_gallery .thumbnail-small")).to_have_count(count)
    expect(page.locator("#html_info_txt2img")).to_contain_text("Seed: 31")
    return list(saved)


def test_a_closed_list_opens_again_by_a_click(framed: StagedPage, visitor: Visitor) -> None:
    page = visitor(framed.url).open()
    field, choices = page.locator("#txt2img_sampling input"), page.get_by_role("listbox")
    for _ in range(2):
        field.click()
        expect(choices).to_be_visible()
        page.keyboard.press("Escape")
        expect(choices).to_have_count(0)
    field.click()
    page.get_by_role("option", name="Euler", exact=True).click()
    expect(choices).to_have_count(0)
    expect(field).to_have_value("Euler")


def test_a_gallery_is_looked_through_saved_deleted_from_and_sent(framed: StagedPage, visitor: Visitor) -> None:
    page = visitor(framed.url).open()
    saved = drawn(page, framed)
    viewer, tale, count = page.locator("#lightboxModal"), page.locator(".viewer-tale"), page.locator(".viewer-count")
    page.click("#txt2img_gallery .preview .media-button")
    expect(tale).to_contain_text("Seed: 31")
    page.keyboard.press("ArrowRight")
    expect(tale).to_contain_text("Seed: 32")
    page.keyboard.press("s")
    expect(page.locator("#download_files_txt2img a")).to_have_count(1)
    page.keyboard.press("Delete")
    expect(count).to_have_text("2 / 2")
    expect(tale).to_contain_text("Seed: 33")
    assert [Path(each.path).exists() for each in saved] == [True, False, True]
    page.keyboard.press("Escape")
    expect(viewer).to_be_hidden()
    expect(page.locator("#html_info_txt2img")).to_contain_text("Seed: 33")
    page.click(".deleted-line button")
    expect(page.locator("#txt2img_gallery .thumbnail-small")).to_have_count(3)
    assert Path(saved[1].path).exists()
    page.click("#txt2img_gallery .preview .media-button")
    expect(tale).to_contain_text("Seed: 32")
    page.click("#modal_send_to_inpaint")
    expect(page.locator("#img2maskimg .image-canvas")).to_have_class("image-canvas filled")
    expect(page.locator("#img2img_seed input").first).to_have_value("32")


def test_generate_goes_on_forever_until_it_is_told_to_stop(framed: StagedPage, visitor: Visitor) -> None:
    page, executor = visitor(framed.url).open(), framed.site.executor
    page.click("#txt2img_generate", button="right")
    page.keyboard.press("Enter")
    first = executor.running()
    executor.finish()
    page.wait_for_function("document.querySelector('#txt2img_generate_box').dataset.phase !== 'idle'")
    second = executor.running()
    assert second.id != first.id
    beside = page.locator("#txt2img_interrupt").evaluate(
        "(button) => [button.scrollWidth - button.clientWidth, button.parentElement.clientWidth]"
    )
    assert beside[0] <= 0 and beside[1] < 260  # the words and the mark stand in one line of a narrow column
    assert page.locator("#txt2img_interrupt").evaluate("(button) => getComputedStyle(button).whiteSpace") == "nowrap"
    assert page.locator("#txt2img_skip").evaluate(BEYOND) <= 0
    page.locator("#txt2img_interrupt").focus()
    page.keyboard.press("Shift+F10")
    do_until(
        lambda: page.click("#cancel_generate_forever", timeout=2000),
        lambda ms: expect(page.locator("#context-menu")).to_have_count(0, timeout=ms),
    )
    executor.finish()
    expect(page.locator("#txt2img_generate_box")).to_have_attribute("data-phase", "idle")
    expect(page.locator("#txt2img_generate_box")).to_have_attribute("data-forever", "no")
    expect(page.locator("#txt2img_gallery .thumbnail-small").first).to_be_attached()
    assert framed.site.host.jobs.list(owner="", states=[JobState.QUEUED, JobState.RUNNING]) == []


def test_keys_change_a_prompt_and_undo_takes_it_back(framed: StagedPage, visitor: Visitor) -> None:
    page = visitor(framed.url).open()
    box = page.locator("#txt2img_prompt textarea")
    box.press_sequentially("a red barn, a hill")
    for key, text in (
        ("ArrowUp", "a red barn, a (hill:1.1)"),
        ("ArrowUp", "a red barn, a (hill:1.2)"),
        ("ArrowDown", "a red barn, a (hill:1.1)"),
    ):
        box.press(f"Control+{key}")
        expect(box).to_have_value(text)
    box.press("Alt+ArrowLeft")
    expect(box).to_have_value("a (hill:1.1), a red barn")
    page.click("#txt2img_generate")
    assert framed.site.executor.running().request["prompt"] == "a (hill:1.1), a red barn"
    framed.site.executor.finish()
    box.focus()
    box.press("Control+z")
    expect(box).to_have_value("a red barn, a (hill:1.1)")


def test_a_picture_dropped_anywhere_fills_the_form(framed: StagedPage, visitor: Visitor) -> None:
    page = visitor(framed.url).open()
    info, buffer = PngInfo(), io.BytesIO()
    info.add_text("parameters", "a dropped hill\nNegative prompt: fog\nSteps: 9, Sampler: Euler, Seed: 77, Size: 128x64")
    Image.new("RGB", (8, 8)).save(buffer, "PNG", pnginfo=info)
    seed = page.locator("#txt2img_seed input").first
    do_until(
        lambda: page.evaluate(DROP, ["#txt2img_results", list(buffer.getvalue())]), lambda ms: expect(seed).to_have_value("77", timeout=ms)
    )
    expect(page.locator("#txt2img_prompt textarea")).to_have_value("a dropped hill")
    expect(page.locator("#txt2img_neg_prompt textarea")).to_have_value("fog")
    page.click("#tab_train-button")
    expect(page.locator("#train_nothing")).to_contain_text("Nothing that trains is installed.")

"""The page in Chromium while a staged executor plays every turn a job can take."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from app.errors import UserError
from app.web import results
from tests.browser.conftest import StagedPage, Visitor

pytestmark = pytest.mark.browser
NAMELESS = """() => {
    const named = (e) => e.getAttribute('aria-label') || e.title || e.textContent.trim()
        || [...(e.labels || [])].some((label) => label.textContent.trim());
    const shown = (e) => e.offsetParent && !e.closest('[hidden], .hidden');
    return [...document.querySelectorAll('button, input, textarea, select')]
        .filter((e) => shown(e) && !named(e)).map((e) => e.outerHTML.slice(0, 120));
}"""
"""Script: the visible controls without a name for screen readers."""
ROOM = """(button) => {
    const words = document.createRange();
    words.selectNodeContents(button);
    return button.getBoundingClientRect().width - words.getBoundingClientRect().width;
}"""
"""Script: how many pixels beside its words a button has."""

BEYOND = "(button) => Math.round(button.getBoundingClientRect().right - button.parentElement.getBoundingClientRect().right)"
"""Script: by how many pixels a button is wider than its row has room."""


def phase(page: Page, name: str) -> None:
    expect(page.locator("#txt2img_generate_box")).to_have_attribute("data-phase", name)


def generate(page: Page, prompt: str) -> None:
    page.fill("#txt2img_prompt textarea", prompt)
    page.click("#txt2img_generate")


def shown_picture(page: Page) -> None:
    expect(page.locator("#txt2img_gallery [data-testid=detailed-image]")).to_be_visible()


def test_preview_and_progress_while_it_draws_then_the_picture_with_its_infotext(staged: StagedPage, visitor: Visitor) -> None:
    page = visitor(staged.url).open()
    generate(page, "night, stars")
    staged.site.executor.progress(5, 20, eta_s=75)
    staged.site.executor.preview()
    expect(page.locator("#txt2img_progress .progress-text")).to_have_text("5/20 25% ETA: 01:15")
    expect(page.locator("#txt2img_progress [role=progressbar]")).to_have_attribute("aria-valuenow", "25")
    expect(page.locator(".livePreview img")).to_be_visible()
    expect(page).to_have_title("[25% ETA: 01:15] Stable Diffusion")
    expect(page.locator("#txt2img_generate")).to_be_hidden()
    expect(page.locator("#txt2img_interrupt")).to_be_visible()
    staged.site.executor.finish(comments=("The sky is a guess.",))
    shown_picture(page)
    phase(page, "idle")
    expect(page.locator(".livePreview")).to_be_hidden()
    expect(page.locator("#txt2img_progress .progressDiv")).to_be_hidden()
    expect(page.locator("#html_info_txt2img")).to_contain_text("night, stars")
    expect(page.locator("#html_info_txt2img")).to_contain_text("Seed: 1000")
    expect(page.locator("#html_log_txt2img")).to_contain_text("The sky is a guess.")
    expect(page.locator("#html_log_txt2img")).to_contain_text("Time taken:")
    expect(page.locator("#txt2img_generate")).to_be_visible()
    expect(page).to_have_title("Stable Diffusion")


def test_the_preview_lies_over_the_picture_of_an_earlier_job(staged: StagedPage, visitor: Visitor) -> None:
    page = visitor(staged.url).open()
    generate(page, "an apple")
    staged.site.executor.finish()
    shown_picture(page)
    phase(page, "idle")
    generate(page, "a pear")
    staged.site.executor.progress(1, 4)
    staged.site.executor.preview()
    preview = page.locator("#txt2img_progress .livePreview img")
    expect(preview).to_be_visible()
    box = preview.bounding_box()
    assert box is not None
    middle = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    on_top = page.evaluate("({x, y}) => document.elementFromPoint(x, y).closest('.livePreview') !== null", middle)
    assert on_top, "the earlier picture hides the preview"
    staged.site.executor.finish()
    shown_picture(page)
    expect(preview).to_be_hidden()


def test_the_form_is_what_is_asked_for(staged: StagedPage, visitor: Visitor) -> None:
    page = visitor(staged.url).open()
    page.fill("#txt2img_neg_prompt textarea", "rain")
    page.fill("#txt2img_steps input[type=number]", "7")
    page.fill("#txt2img_width input[type=number]", "192")
    page.click("#txt2img_res_switch_btn")
    expect(page.locator("#txt2img_height input[type=number]")).to_have_value("192")
    page.fill("#txt2img_seed input", "42")
    generate(page, "a boat")
    request = staged.site.executor.running().request
    asked = {key: request[key] for key in ("prompt", "negative_prompt", "steps", "width", "height", "seed", "sampler", "cfg_scale")}
    assert asked == {
        "prompt": "a boat", "negative_prompt": "rain", "steps": 7, "width": 512, "height": 192, "seed": 42,
        "sampler": "DPM++ 2M", "cfg_scale": 7.0,
    }  # fmt: skip


def test_the_infotext_and_the_recycled_seed_follow_the_selected_picture(staged: StagedPage, visitor: Visitor) -> None:
    page = visitor(staged.url).open()
    generate(page, "a windmill")
    staged.site.executor.finish(count=3, seed=500)
    shown_picture(page)
    expect(page.locator("#txt2img_gallery .thumbnail-small")).to_have_count(3)
    page.locator("#txt2img_gallery .thumbnail-small").nth(2).click()
    expect(page.locator("#html_info_txt2img")).to_contain_text("Seed: 502")
    page.click("#txt2img_reuse_seed")
    expect(page.locator("#txt2img_seed input")).to_have_value("502")
    page.click("#txt2img_random_seed")
    expect(page.locator("#txt2img_seed input")).to_have_value("-1")


def test_interrupt_first_asks_and_then_insists(staged: StagedPage, visitor: Visitor) -> None:
    page = visitor(staged.url).open()
    page.fill("#txt2img_batch_count input[type=number]", "2")
    generate(page, "a castle")
    staged.site.executor.progress(1, 20)
    phase(page, "running")
    page.click("#txt2img_interrupt")
    expect(page.locator("#txt2img_interrupting")).to_be_visible()
    assert page.locator("#txt2img_interrupting").evaluate(ROOM) >= 8
    assert page.locator("#txt2img_skip").evaluate(BEYOND) <= 0
    page.reload()
    expect(page.locator("#txt2img_interrupting")).to_be_visible()
    with page.expect_response("**/control"):
        page.click("#txt2img_interrupting")
    staged.site.executor.finish()
    phase(page, "idle")
    assert [action for _, action in staged.site.executor.controls] == ["stop_after_batch", "interrupt"]


def test_keys_generate_skip_and_interrupt(staged: StagedPage, visitor: Visitor) -> None:
    page = visitor(staged.url).open()
    box = page.locator("#txt2img_prompt textarea")
    box.fill("a road")
    box.press("Control+Enter")
    staged.site.executor.progress(1, 20)
    phase(page, "running")
    with page.expect_response("**/control"):
        box.press("Alt+Enter")
    with page.expect_response("**/control"):
        box.press("Escape")
    phase(page, "stopping")
    assert [action for _, action in staged.site.executor.controls] == ["skip", "interrupt"]
    assert staged.site.executor.running().request["prompt"] == "a road"


def test_a_failure_is_told_and_generate_comes_back(staged: StagedPage, visitor: Visitor) -> None:
    page = visitor(staged.url).open()
    generate(page, "a leaf")
    staged.site.executor.finish()
    shown_picture(page)
    generate(page, "a flower")
    staged.site.executor.fail("The worker was killed: out of memory.")
    expect(page.locator("#html_log_txt2img")).to_contain_text("The worker was killed: out of memory.")
    phase(page, "idle")
    expect(page.locator("#txt2img_generate")).to_be_visible()
    page.reload()  # the pictures of the job before it are still there
    expect(page.locator("#html_log_txt2img")).to_contain_text("The worker was killed: out of memory.")
    shown_picture(page)
    expect(page.locator("#html_info_txt2img")).to_contain_text("a leaf")


def test_a_job_that_is_forgotten_is_told_and_generate_comes_back(
    staged: StagedPage, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit = visitor(staged.url)
    page = visit.open()
    jobs = staged.site.host.jobs

    def gone(job_id: str, *given: Any) -> None:
        raise jobs.missing(job_id)

    monkeypatch.setattr(jobs, "get", gone)
    page.fill("#txt2img_prompt textarea", "a stone")
    page.click("#txt2img_generate")
    expect(page.locator("#html_log_txt2img")).to_contain_text("There is no job")
    phase(page, "idle")
    expect(page.locator("#txt2img_generate")).to_be_visible()
    visit.complaints.clear()  # a browser complains of the 404 that this is about


def test_a_refusal_is_told_at_once_and_generate_comes_back(staged: StagedPage, visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*given: Any, **named: Any) -> None:
        raise UserError("The disk is full.", hint="Delete something.", status=507)

    page = visitor(staged.url).open()
    monkeypatch.setattr(staged.site.host.jobs, "submit", refuse)
    generate(page, "a fence")
    expect(page.locator("#txt2img_problem")).to_contain_text("The disk is full. Delete something.")
    assert page.locator("#txt2img_problem").evaluate("each => each.offsetWidth") > 900  # of 1280: not in the column under Generate
    phase(page, "idle")
    problem = page.locator("#txt2img_problem")
    page.fill("#txt2img_prompt textarea", "a hedge")  # the first change ends it, the same refusal shows it again
    expect(problem).to_be_hidden()
    page.click("#txt2img_generate")
    expect(problem).to_be_visible()
    phase(page, "idle")
    monkeypatch.undo()
    page.click("#txt2img_generate")
    staged.site.executor.finish()
    shown_picture(page)
    expect(page.locator("#txt2img_problem .note")).to_have_count(0)


def test_reloading_in_mid_job_shows_the_job_and_its_result(staged: StagedPage, visitor: Visitor) -> None:
    visit = visitor(staged.url)
    generate(visit.open(), "a bird")
    staged.site.executor.progress(4, 20)
    phase(visit.page, "running")
    page = visit.open()
    expect(page.locator("#txt2img_progress .progress-text")).to_contain_text("4/20")
    elsewhere = visitor(staged.url).open()
    expect(elsewhere.locator("#txt2img_progress .progress-text")).to_contain_text("4/20")
    staged.site.executor.finish()
    for window in (page, elsewhere):
        shown_picture(window)
        expect(window.locator("#html_info_txt2img")).to_contain_text("a bird")
    later = visitor(staged.url).open()
    shown_picture(later)
    expect(later.locator("#html_info_txt2img")).to_contain_text("a bird")


def test_a_second_tab_sees_the_running_job_and_queues_its_own(staged: StagedPage, visitor: Visitor) -> None:
    one = visitor(staged.url).open()
    generate(one, "first picture")
    staged.site.executor.progress(1, 20)
    phase(one, "running")
    two = visitor(staged.url).open()
    expect(two.locator("#txt2img_progress .progress-text")).to_contain_text("1/20")
    generate(two, "second picture")
    expect(two.locator("#txt2img_progress .progress-text")).to_have_text("In queue: 1")
    staged.site.executor.finish()
    shown_picture(one)
    expect(one.locator("#html_info_txt2img")).to_contain_text("first picture")
    staged.site.executor.progress(3, 20)
    expect(two.locator("#txt2img_progress .progress-text")).to_contain_text("3/20")
    staged.site.executor.finish()
    shown_picture(two)
    expect(two.locator("#html_info_txt2img")).to_contain_text("second picture")
    expect(one.locator("#html_info_txt2img")).to_contain_text("first picture")


def test_a_tab_that_is_opened_again_has_its_own_prompt_and_picture_and_a_new_one_the_latest(staged: StagedPage, visitor: Visitor) -> None:
    one, two = visitor(staged.url), visitor(staged.url)
    for visit, prompt in ((one, "a red barn"), (two, "a blue lake")):
        generate(visit.open(), prompt)
        staged.site.executor.finish()
        shown_picture(visit.page)
        phase(visit.page, "idle")
    new = visitor(staged.url)
    for visit, prompt in ((one, "a red barn"), (two, "a blue lake"), (new, "a blue lake")):
        page = visit.open()
        expect(page.locator("#txt2img_prompt textarea")).to_have_value(prompt)
        expect(page.locator("#html_info_txt2img")).to_contain_text(prompt)
    generate(new.page, "a green hill")
    staged.site.executor.progress(1, 20)
    staged.site.executor.worker("busy")
    page = one.open()
    expect(page.locator("#html_info_txt2img")).to_contain_text("a red barn")
    page.click("#txt2img_restore_progress")
    expect(page.locator("#txt2img_progress .progress-text")).to_contain_text("1/20")
    staged.site.executor.finish()
    expect(page.locator("#html_info_txt2img")).to_contain_text("a green hill")


def test_interrupting_a_waiting_job_takes_it_out_of_the_queue(staged: StagedPage, visitor: Visitor) -> None:
    staged.site.host.jobs.submit("generate", {}, owner="", source="api", settings={})
    staged.site.executor.running()
    page = visitor(staged.url).open()
    generate(page, "a fence")
    expect(page.locator("#txt2img_progress .progress-text")).to_have_text("In queue: 1")
    page.click("#txt2img_interrupt")
    expect(page.locator("#html_log_txt2img")).to_contain_text("cancelled")
    phase(page, "idle")


def test_what_was_typed_is_there_again(staged: StagedPage, visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = threading.Event()
    drafts = staged.site.host.jobs.drafts
    keep = drafts.set

    def listen(owner: str, form: str, content: dict[str, Any], tab: str = "") -> None:
        keep(owner, form, content, tab)
        if content["prompt"] == "palm tree, desert" and content["seed"] == 77:
            kept.set()

    monkeypatch.setattr(drafts, "set", listen)
    page = visitor(staged.url).open()
    page.locator("#txt2img_prompt textarea").press_sequentially("palm tree, desert")
    page.fill("#txt2img_seed input", "77")
    with page.expect_event("response", lambda answer: kept.is_set()):
        pass
    again = visitor(staged.url).open()
    expect(again.locator("#txt2img_prompt textarea")).to_have_value("palm tree, desert")
    expect(again.locator("#txt2img_seed input")).to_have_value("77")


def test_nobody_can_type_into_a_form_that_is_still_being_filled(
    staged: StagedPage, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    drafts, filled = staged.site.host.jobs.drafts, threading.Event()

    def slow(owner: str, form: str, tab: str = "") -> dict[str, Any]:
        filled.wait()
        return {"prompt": "a kept prompt"}

    monkeypatch.setattr(drafts, "get", slow)
    page = visitor(staged.url).page
    page.goto(staged.url)
    page.wait_for_selector("#tabs[inert]")
    filled.set()
    page.wait_for_selector("#tabs:not([inert])")
    expect(page.locator("#txt2img_prompt textarea")).to_have_value("a kept prompt")


def test_a_result_that_comes_late_does_not_hide_a_newer_one(staged: StagedPage, visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    visit, asked, answered = visitor(staged.url), threading.Event(), threading.Event()
    generate(visit.open(), "the older")
    staged.site.executor.finish()
    shown_picture(visit.page)
    find = results.owned_job

    def slow(*given: Any) -> Any:
        if not asked.is_set():
            asked.set()
            answered.wait()
        return find(*given)

    monkeypatch.setattr(results, "owned_job", slow)
    page = visit.open()
    assert asked.wait(60)
    generate(page, "the newer")
    staged.site.executor.finish()
    phase(page, "idle")
    answered.set()
    expect(page.locator("#html_info_txt2img")).to_contain_text("the newer")


def test_pasted_parameters_fill_the_form(staged: StagedPage, visitor: Visitor) -> None:
    page = visitor(staged.url).open()
    page.fill(
        "#txt2img_prompt textarea",
        "moon, snow\nNegative prompt: rain\nSteps: 12, Sampler: Euler a, Schedule type: Karras, CFG scale: 5.5, Seed: 99, Size: 256x320",
    )
    page.click("#paste")
    expect(page.locator("#txt2img_prompt textarea")).to_have_value("moon, snow")
    expect(page.locator("#txt2img_neg_prompt textarea")).to_have_value("rain")
    for name, value in {"steps": "12", "cfg_scale": "5.5", "width": "256", "height": "320", "seed": "99"}.items():
        expect(page.locator(f"#txt2img_{name} input").first).to_have_value(value)
    expect(page.locator("#txt2img_sampling input")).to_have_value("Euler a")
    expect(page.locator("#txt2img_scheduler input")).to_have_value("Karras")


def test_what_cannot_be_pasted_is_told_and_the_rest_is_filled_in(staged: StagedPage, visitor: Visitor) -> None:
    page = visitor(staged.url).open()
    page.fill("#txt2img_prompt textarea", "moon\nSteps: 12, Sampler: Sorcery <b>, Seed: 99")
    page.click("#paste")
    expect(page.get_by_text("There is no sampler 'Sorcery <b>'.")).to_be_visible()
    expect(page.locator("#txt2img_seed input")).to_have_value("99")


def test_cleared_prompts_can_be_brought_back(staged: StagedPage, visitor: Visitor) -> None:
    page = visitor(staged.url).open()
    page.fill("#txt2img_prompt textarea", "a house")
    page.click("#txt2img_clear_prompt")
    expect(page.locator("#txt2img_prompt textarea")).to_have_value("")
    page.click("#txt2img_undo_clear")
    expect(page.locator("#txt2img_prompt textarea")).to_have_value("a house")


def test_unequal_brackets_are_shown_at_the_counter(staged: StagedPage, visitor: Visitor) -> None:
    page = visitor(staged.url).open()
    page.fill("#txt2img_prompt textarea", "(a house")
    expect(page.locator("#txt2img_token_counter")).to_have_attribute("title", "The brackets do not match: ( 1 times, ) 0 times")


def test_the_page_says_that_the_model_is_being_loaded_and_queues_meanwhile(staged: StagedPage, visitor: Visitor) -> None:
    staged.site.executor.worker("loading", "Loading paintbox-demo (40%)")
    page = visitor(staged.url).open()
    expect(page.locator(".worker-status")).to_have_text("Loading paintbox-demo (40%)")
    generate(page, "a boat")
    phase(page, "waiting")
    staged.site.executor.worker("ready")
    expect(page.locator(".worker-status")).to_have_text("Ready")
    staged.site.executor.finish()
    shown_picture(page)


@pytest.mark.parametrize("width", [390, 768])
def test_narrow_windows_need_no_sideways_scrolling(staged: StagedPage, visitor: Visitor, width: int) -> None:
    page = visitor(staged.url, width=width, height=844).open()
    generate(page, "night " + "x" * 300)
    staged.site.executor.finish(count=4)
    shown_picture(page)
    assert page.evaluate("document.scrollingElement.scrollWidth") <= width
    boxes = {name: page.locator(f"#txt2img_{name}").bounding_box() for name in ("prompt", "neg_prompt", "generate", "gallery")}
    assert all(box and box["x"] >= 0 and box["x"] + box["width"] <= width for box in boxes.values())
    if width == 390:
        tops = [box["y"] for box in boxes.values() if box]
        assert tops == sorted(tops)
        assert boxes["generate"] and boxes["generate"]["y"] + boxes["generate"]["height"] <= 844


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_address_chooses_the_theme(staged: StagedPage, visitor: Visitor, theme: str) -> None:
    visit = visitor(staged.url)
    visit.page.goto(f"{staged.url}?__theme={theme}")
    visit.page.wait_for_selector("#txt2img_generate")
    assert visit.page.evaluate("document.body.classList.contains('dark')") is (theme == "dark")


def test_every_control_has_a_name_for_screen_readers(staged: StagedPage, visitor: Visitor) -> None:
    page = visitor(staged.url).open()
    assert page.evaluate(NAMELESS) == []


def test_a_size_pasted_into_width_or_height_fills_both(staged: StagedPage, visitor: Visitor) -> None:
    page = visitor(staged.url).open()
    page.locator("#txt2img_height input[type=number]").focus()
    page.evaluate(
        """() => {
            const data = new DataTransfer();
            data.setData('text', '768x640');
            document.activeElement.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
        }"""
    )
    generate(page, "a boat")
    request = staged.site.executor.running().request
    assert (request["width"], request["height"]) == (768, 640)

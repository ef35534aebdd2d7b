"""The img2img tab in Chromium: pictures brought, painted on with mouse and touch, sent between tabs, and what is then asked for."""

from __future__ import annotations

import io
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests.browser.conftest import StagedPage, Visitor
from tests.browser.test_staged_page import NAMELESS

pytestmark = pytest.mark.browser
SIZE = (400, 300)


def picture(size: tuple[int, int] = SIZE, colour: str = "teal") -> dict[str, Any]:
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, "PNG")
    return {"name": "picture.png", "mimeType": "image/png", "buffer": buffer.getvalue()}


def open_tab(visitor: Visitor, staged: StagedPage, mode: str = "", **window: int) -> Page:
    page = visitor(staged.url, **window).open()
    page.click("#tab_img2img-button")
    if mode:
        page.click(f"#{mode}-button")
    return page


def bring(page: Page, canvas: str, **given: Any) -> Locator:
    """Put a picture into a canvas; returns its stage."""
    page.set_input_files(f"#{canvas} input[type=file]", picture(**given))
    expect(page.locator(f"#{canvas} .image-canvas")).to_have_class("image-canvas filled")
    return page.locator(f"#{canvas} .stage")


def click_until(page: Page, button: str, reached: Callable[[float], None]) -> None:
    """Click until it has an effect."""
    do_until(lambda: page.click(button), reached)


def do_until(act: Callable[[], None], reached: Callable[[float], None]) -> None:
    """Act until it has an effect: gradio binds a control a moment after it has drawn it, on a busy machine a long one."""
    for _ in range(20):
        try:
            act()
            return reached(4000)
        except (AssertionError, PlaywrightTimeout):
            continue
    reached(1)


STAYS = """() => {
    const field = document.querySelector("#img2img_scale input[type=number]");
    window.stayed = field.value === "2" ? (window.stayed || 0) + 1 : 0;
    return window.stayed > 60;
}"""
"""Script: true when the field has had its value for sixty frames, so that gradio has drawn the tab and taken the value in."""

OUTLINED = """(colour) => {
    const layer = document.querySelector("#img2maskimg .layer");
    const [box, image] = [layer, document.querySelector("#img2maskimg .stage > img")].map((each) => each.getBoundingClientRect());
    const scale = layer.width / box.width;
    const [left, middle] = [image.left - box.left + image.width / 4, image.top - box.top + image.height / 2].map((px) => px * scale | 0);
    const data = layer.getContext("2d").getImageData(left, 0, 1, layer.height).data;
    const pixels = [...Array(layer.height).keys()].map((row) => [...data.slice(4 * row, 4 * row + 4)]);
    const isColour = colour.every((part, number) => Math.abs(part - pixels[middle][number]) < 4);
    const dark = pixels.filter(([red, green, blue]) => red + green + blue < 90).map(([, , , alpha]) => alpha);
    return isColour && pixels[middle][3] < 200 && Math.max(0, ...dark) > 80;
}"""
"""Script: what is painted at a quarter of the mask's width is translucent, in its colour, and has a dark outline."""


def stays(page: Page, ms: float) -> None:
    page.wait_for_function(STAYS, timeout=ms)


def choose_from_menu(page: Page, title: str) -> None:
    """A mode whose tab has no room stands in a menu, which closes when the page moves."""
    page.click("#mode_img2img .overflow-menu > button")
    page.locator("#mode_img2img .overflow-menu").get_by_text(title, exact=True).click(timeout=3000)


def at(stage: Locator, x: float, y: float) -> tuple[float, float]:
    """Where in the window a place of the picture is seen; ``x`` and ``y`` from 0 to 1."""
    stage.scroll_into_view_if_needed()
    box = stage.locator("img").bounding_box()
    assert box
    return box["x"] + x * box["width"], box["y"] + y * box["height"]


def drag(stage: Locator, start: tuple[float, float], end: tuple[float, float]) -> None:
    mouse = stage.page.mouse
    mouse.move(*at(stage, *start))
    mouse.down()
    mouse.move(*at(stage, *end), steps=5)
    mouse.up()


def touch(stage: Locator, *fingers: tuple[tuple[float, float], tuple[float, float]]) -> None:
    """Each finger goes from one place to another."""
    session = stage.page.context.new_cdp_session(stage.page)
    ways = [(at(stage, *start), at(stage, *end)) for start, end in fingers]
    for step in range(6):
        part = step / 5
        points = [
            {"x": start[0] + (end[0] - start[0]) * part, "y": start[1] + (end[1] - start[1]) * part, "id": number}
            for number, (start, end) in enumerate(ways)
        ]
        session.send("Input.dispatchTouchEvent", {"type": "touchMove" if step else "touchStart", "touchPoints": points})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    session.detach()


def asked(page: Page, staged: StagedPage) -> dict[str, Any]:
    """Generate; what is asked of img2img."""
    page.click("#img2img_generate")
    request = staged.site.executor.running().request
    params: Any = request["params"]
    return dict(params["img2img"])


def image(staged: StagedPage, ref: str) -> Image.Image:
    return Image.open(staged.site.host.inputs.find(ref, ""))


@pytest.mark.parametrize("brush", ["#ffffff", "#20c040"])
def test_a_mask_painted_with_the_mouse_is_white_where_it_was_painted(staged_img2img: StagedPage, visitor: Visitor, brush: str) -> None:
    staged_img2img.site.host.settings.set({"img2img_inpaint_mask_brush_color": brush})
    urllib.request.urlopen(urllib.request.Request(f"{staged_img2img.url}paintbox/v1/page/reload", method="POST")).close()  # Reload UI
    page = open_tab(visitor, staged_img2img, "img2img_inpaint_tab")
    stage = bring(page, "img2maskimg")
    drag(stage, (0.1, 0.5), (0.4, 0.5))
    drag(stage, (0.6, 0.2), (0.9, 0.2))
    page.click("#img2maskimg .undo")
    page.wait_for_function(OUTLINED, arg=[*bytes.fromhex(brush[1:])])
    page.fill("#img2img_mask_blur input[type=number]", "9")
    wanted = asked(page, staged_img2img)
    assert image(staged_img2img, wanted["init_images"][0]).size == SIZE
    mask = image(staged_img2img, wanted["mask"]).convert("L")
    assert (mask.size, mask.getpixel((100, 150)), mask.getpixel((300, 60)), mask.getpixel((390, 290))) == (SIZE, 255, 0, 0)
    assert (wanted["mask_blur_x"], wanted["mask_blur_y"], wanted["inpainting_fill"]) == (9, 9, 1)


def test_fingers_paint_and_two_of_them_zoom(staged_img2img: StagedPage, visitor: Visitor) -> None:
    page = open_tab(visitor, staged_img2img, "img2img_inpaint_tab")
    stage = bring(page, "img2maskimg")
    touch(stage, ((0.1, 0.5), (0.4, 0.5)))
    before = stage.locator("img").bounding_box()
    touch(stage, ((0.45, 0.8), (0.2, 0.8)), ((0.55, 0.8), (0.8, 0.8)))
    after = stage.locator("img").bounding_box()
    assert before and after and after["width"] > 2 * before["width"]
    mask = image(staged_img2img, asked(page, staged_img2img)["mask"]).convert("L")
    assert (mask.getpixel((100, 150)), mask.getpixel((120, 240)), mask.getpixel((280, 240))) == (255, 0, 0)


def test_a_reload_brings_picture_mask_and_mode_back(staged_img2img: StagedPage, visitor: Visitor) -> None:
    page = open_tab(visitor, staged_img2img, "img2img_inpaint_tab")
    stage = bring(page, "img2maskimg")
    drag(stage, (0.1, 0.5), (0.4, 0.5))
    expect(page.locator("#img2maskimg_painted textarea")).not_to_have_value("")
    with page.expect_response("**/paintbox/v1/drafts/img2img**"):
        page.click("#img2maskimg .extend")
        page.click("#img2maskimg .left")
    again = open_tab(visitor, staged_img2img)
    expect(again.locator("#img2maskimg .image-canvas")).to_have_class("image-canvas filled")
    expect(again.locator("#inpaint_controls")).to_be_visible()
    expect(again.locator("#img2maskimg .extended")).to_have_text("464×300")
    drag(again.locator("#img2maskimg .stage"), (0.6, 0.8), (0.9, 0.8))
    wanted = asked(again, staged_img2img)
    mask = image(staged_img2img, wanted["mask"]).convert("L")
    assert (mask.getpixel((100, 150)), mask.getpixel((300, 240)), mask.getpixel((300, 60))) == (255, 255, 0)
    assert wanted["outpaint_left"] == 64


def test_a_sketch_differs_from_its_picture_only_where_it_was_painted(staged_img2img: StagedPage, visitor: Visitor) -> None:
    page = open_tab(visitor, staged_img2img, "img2img_inpaint_sketch_tab")
    stage = bring(page, "inpaint_sketch")
    page.locator("#inpaint_sketch .colour").fill("#ff0000")
    drag(stage, (0.1, 0.5), (0.4, 0.5))
    drag(stage, (0.6, 0.5), (0.9, 0.5))
    page.click("#inpaint_sketch .eraser")
    drag(stage, (0.55, 0.5), (0.95, 0.5))
    wanted = asked(page, staged_img2img)
    plain, painted = (image(staged_img2img, ref).convert("RGB") for ref in (wanted["init_images"][0], wanted["sketch"]))
    assert (painted.getpixel((100, 150)), plain.getpixel((100, 150))) == ((255, 0, 0), (0, 128, 128))
    assert painted.crop((220, 0, 400, 300)).tobytes() == plain.crop((220, 0, 400, 300)).tobytes()
    assert "mask" not in wanted


def test_a_picture_is_copied_to_another_mode_and_its_size_is_taken(staged_img2img: StagedPage, visitor: Visitor) -> None:
    page = open_tab(visitor, staged_img2img)
    bring(page, "img2img_image", size=(320, 200))
    width, sketch = page.locator("#img2img_width input[type=number]"), page.locator("#img2img_sketch .image-canvas")
    click_until(page, "#img2img_detect_image_size_btn", lambda ms: expect(width).to_have_value("320", timeout=ms))
    preview = page.locator("#img2img_image #imageARPreview")
    do_until(lambda: width.fill("640"), lambda ms: expect(preview).to_have_count(1, timeout=ms))
    height = page.locator("#img2img_height input[type=number]").input_value()
    shape = preview.evaluate("(frame) => parseFloat(frame.style.width) / parseFloat(frame.style.height)")
    assert shape == pytest.approx(640 / float(height), rel=0.01)
    expect(preview).to_be_hidden()
    page.click("#img2img_tab_resize_by-button")
    do_until(lambda: page.fill("#img2img_scale input[type=number]", "2"), lambda ms: stays(page, ms))
    expect(page.locator("#img2img_scale_resolution_preview")).to_have_text("resize: from 320×200 to 640×400")
    click_until(page, "#img2img_copy_img2img_to_sketch", lambda ms: expect(sketch).to_have_class("image-canvas filled", timeout=ms))
    wanted = asked(page, staged_img2img)
    assert image(staged_img2img, wanted["init_images"][0]).size == (320, 200)
    assert wanted["scale"] == 2


CARRY = """([canvas, kind, bytes]) => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(bytes)], 'carried.png', { type: 'image/png' }));
    const stage = document.querySelector(`#${canvas} .stage`);
    const event = kind === 'drop' ? new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true })
        : new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true });
    (kind === 'drop' ? stage : document.body).dispatchEvent(event);
}"""
"""Script: a file is dropped on a canvas, or pasted while the canvas is the one that is seen."""


def test_pictures_are_dropped_and_pasted_and_keys_serve_the_canvas_under_the_pointer(staged_img2img: StagedPage, visitor: Visitor) -> None:
    page = open_tab(visitor, staged_img2img)
    page.evaluate(CARRY, ["img2img_image", "paste", list(picture(size=(320, 200))["buffer"])])
    expect(page.locator("#img2img_image .canvas-message")).to_have_text("320×200")
    page.click("#img2img_inpaint_tab-button")
    page.evaluate(CARRY, ["img2maskimg", "drop", list(picture(size=(200, 320))["buffer"])])
    expect(page.locator("#img2maskimg .canvas-message")).to_have_text("200×320")
    stage, size = page.locator("#img2maskimg .stage"), page.locator("#img2maskimg .size")
    before = int(size.input_value())
    page.mouse.move(*at(stage, 0.5, 0.5))
    page.keyboard.press("w")
    assert int(size.input_value()) > before
    whole = stage.locator("img").bounding_box()
    page.keyboard.down("Alt")
    page.mouse.wheel(0, -100)
    page.keyboard.up("Alt")
    page.wait_for_function("document.querySelector('#img2maskimg .image-canvas').classList.contains('zoomed')")
    page.keyboard.press("r")
    assert stage.locator("img").bounding_box() == whole
    page.keyboard.press("s")
    expect(page.locator("#img2maskimg .image-canvas")).to_have_class("image-canvas filled fullscreen")
    page.keyboard.press("Escape")
    expect(page.locator("#img2maskimg .image-canvas")).to_have_class("image-canvas filled")
    keys = {"canvas_hotkey_grow_brush": "X", "canvas_hotkey_adjust": "Shift", "canvas_disabled_functions": ["Hotkey shrink brush"]}
    staged_img2img.site.host.settings.set(keys)
    page.evaluate("document.dispatchEvent(new CustomEvent('paintbox:settings'))")
    page.wait_for_function("paintbox.setting('canvas_hotkey_grow_brush') === 'X'")
    before = int(size.input_value())
    for key in ("w", "q"):
        page.keyboard.press(key)
    assert int(size.input_value()) == before
    page.keyboard.press("x")
    grown = int(size.input_value())
    page.keyboard.down("Shift")
    page.mouse.wheel(0, -100)
    page.keyboard.up("Shift")
    page.wait_for_function("(size) => Number(document.querySelector('#img2maskimg .size').value) > size", arg=grown)
    assert grown > before


def test_pictures_of_a_batch_become_one_job(staged_img2img: StagedPage, visitor: Visitor) -> None:
    page = open_tab(visitor, staged_img2img, "img2img_batch_tab")
    page.set_input_files("#img2img_batch_upload input[type=file]", [picture(), {**picture(colour="red"), "name": "other.png"}])
    expect(page.locator("#img2img_batch_upload li")).to_have_text(["picture.png", "other.png"])
    page.click("#img2img_generate")
    job = staged_img2img.site.executor.running()
    uploads: Any = job.request["uploads"]
    assert (job.kind, [upload["name"] for upload in uploads]) == ("img2img_batch", ["picture.png", "other.png"])
    assert image(staged_img2img, uploads[1]["ref"]).getpixel((0, 0)) == (255, 0, 0)


def test_what_is_missing_is_told(staged_img2img: StagedPage, visitor: Visitor) -> None:
    page = open_tab(visitor, staged_img2img, "img2img_inpaint_tab")
    page.click("#img2img_generate")
    expect(page.locator("#img2img_problem")).to_contain_text("There is no picture to start from.")
    bring(page, "img2maskimg")
    page.click("#img2img_generate")
    expect(page.locator("#img2img_problem")).to_contain_text("Nothing is painted on the picture.")
    page.click("#img2img_img2img_tab-button")
    expect(page.locator("#img2img_problem")).to_be_hidden()


def test_a_picture_is_sent_with_its_parameters(staged_img2img: StagedPage, visitor: Visitor) -> None:
    page = visitor(staged_img2img.url).open()
    page.fill("#txt2img_prompt textarea", "a red barn")
    page.fill("#txt2img_steps input[type=number]", "9")
    page.click("#txt2img_generate")
    saved = staged_img2img.site.executor.finish(count=2, seed=31)
    page.locator("#txt2img_gallery .thumbnail-small").nth(1).click()
    expect(page.locator("#html_info_txt2img")).to_contain_text("Seed: 32")
    for button, canvas in (("send_to_img2img", "img2img_image"), ("send_to_inpaint", "img2maskimg")):
        page.click("#tab_txt2img-button")
        page.click(f"#txt2img_{button}")
        expect(page.locator(f"#{canvas} .image-canvas")).to_have_class("image-canvas filled")
        ref = page.locator(f"#{canvas}_picture textarea").input_value()
        assert image(staged_img2img, ref).tobytes() == Image.open(saved[1].path).tobytes()
    expect(page.locator("#img2img_prompt textarea")).to_have_value("a red barn")
    for name, value in {"seed": "32", "steps": "9", "width": "64", "height": "64"}.items():
        expect(page.locator(f"#img2img_{name} input").first).to_have_value(value)


def test_a_narrow_window_needs_no_sideways_scrolling_and_every_control_has_a_name(staged_img2img: StagedPage, visitor: Visitor) -> None:
    page = open_tab(visitor, staged_img2img, width=390, height=844)
    sketch = page.locator("#inpaint_sketch")
    for canvas in ("img2img_image", "inpaint_sketch"):
        if canvas == "inpaint_sketch":
            do_until(lambda: choose_from_menu(page, "Inpaint sketch"), lambda ms: expect(sketch).to_be_visible(timeout=ms))
        bring(page, canvas, size=(900, 300))
        page.locator(f"#{canvas} .extend").click() if canvas == "img2img_image" else None
        assert page.evaluate("document.scrollingElement.scrollWidth") <= 390
        stage = page.locator(f"#{canvas} .stage").bounding_box()
        assert stage and stage["x"] >= 0 and stage["x"] + stage["width"] <= 390
        assert page.evaluate(NAMELESS) == []


def test_soft_inpainting_rides_with_the_job_and_comes_back_with_a_paste(staged_img2img: StagedPage, visitor: Visitor) -> None:
    page = open_tab(visitor, staged_img2img)
    block, bias = page.locator("#soft_inpainting_enabled"), page.locator("#mask_blend_power input[type=number]")
    expect(block).to_be_hidden()
    page.click("#img2img_inpaint_tab-button")
    expect(block).to_be_visible()
    expect(bias).to_be_hidden()
    page.check("#soft_inpainting_enabled input[type=checkbox]")
    bias.fill("2.5")
    drag(bring(page, "img2maskimg"), (0.1, 0.5), (0.4, 0.5))
    page.click("#img2img_generate")
    params: Any = staged_img2img.site.executor.running().request["params"]
    assert (params["soft_inpainting"]["enabled"], params["soft_inpainting"]["mask_blend_power"]) == (True, 2.5)
    staged_img2img.site.executor.finish()
    said = "Soft inpainting enabled: True, Soft inpainting schedule bias: 0.5, Soft inpainting mask influence: 0.25"
    page.fill("#img2img_prompt textarea", f"x\nSteps: 4, Sampler: Euler, Seed: 1, {said}")
    page.locator("#img2img_tools .icon-paste").click()
    expect(bias).to_have_value("0.5")
    expect(page.locator("#composite_mask_influence input[type=number]")).to_have_value("0.25")
    page.fill("#img2img_prompt textarea", "x\nSteps: 4, Sampler: Euler, Seed: 1")
    page.locator("#img2img_tools .icon-paste").click()
    expect(bias).to_be_hidden()

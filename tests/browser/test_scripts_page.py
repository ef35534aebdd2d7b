"""Scripts in Chromium: each draws; the chosen one's fields alone, values typed and chosen, a plot interrupted and resumed, drafts."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from starlette.testclient import TestClient

from app.host import Host
from app.testing.hosts import HostMaker
from app.testing.inline import InlineExecutor
from app.testing.web import with_tiny_worker
from app.values.job import JobResult, JobState
from app.web.server import create_app
from tests.browser.conftest import FEATURES, Visitor, served
from tests.browser.test_img2img_page import do_until

pytestmark = pytest.mark.browser
FIELD = "#script_txt2img_xyz_plot_{}_field"


def plain_png() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (64, 64), "teal").save(file, "PNG")
    return file.getvalue()


@dataclass
class Drawing:
    """A served site that draws with a tiny checkpoint."""

    host: Any
    worker: InlineExecutor
    url: str


@contextmanager
def drawing_with(host: Host, port: int) -> Iterator[Drawing]:
    worker = with_tiny_worker(host, "first.safetensors", "second.safetensors")
    with host.running():
        site: Any = SimpleNamespace(client=TestClient(create_app(host)))
        with served(site, port) as page:
            yield Drawing(host, worker, page.url)


@pytest.fixture
def drawing(make_host: HostMaker, port: int) -> Iterator[Drawing]:
    with drawing_with(make_host(*FEATURES, "scripts", "xyz_plot", "prompt_matrix"), port) as site:
        yield site


@pytest.fixture
def drawing_more(make_host: HostMaker, port: int) -> Iterator[Drawing]:
    names = ("scripts", "prompt_matrix", "prompts_from_file", "loopback", "sd_upscale", "outpainting", "dynamic_prompts", "wildcards")
    host = make_host(*FEATURES, *names, "img2img", "upscalers")
    (host.paths.data / "wildcards").mkdir()
    (host.paths.data / "wildcards" / "colour.txt").write_text("violet\n")
    with drawing_with(host, port) as site:
        yield site


def choose(page: Page, title: str, tab: str = "txt2img") -> None:
    page.locator(f"#{tab}_script_container input").first.click()
    page.get_by_role("option", name=title, exact=True).click()


def drawn(page: Page, drawing: Drawing, tab: str) -> JobResult:
    """Generate; what came of it, which the page shows as well."""
    before = len(drawing.worker.jobs)
    do_until(lambda: page.click(f"#{tab}_generate"), lambda ms: taken(page, drawing, before, ms))
    job = drawing.host.jobs.wait(drawing.worker.jobs[-1].id, 60)
    assert job.state is JobState.DONE, job.error
    expect(page.locator(f"#{tab}_generate_box")).to_have_attribute("data-phase", "idle")
    expect(page.locator(f"#html_info_{tab}")).to_contain_text(f"Seed: {job.result.images[0].seed}")
    return job.result


def taken(page: Page, drawing: Drawing, before: int, ms: float) -> None:
    """The worker has got one more job."""
    for _ in range(int(ms / 50)):
        if len(drawing.worker.jobs) > before:
            return
        page.wait_for_timeout(50)
    raise AssertionError("no job came")


def test_a_plot_is_filled_in_interrupted_resumed_and_read_back(drawing: Drawing, visitor: Visitor) -> None:
    page = visitor(drawing.url).open()
    page.fill("#txt2img_prompt textarea", "a red tree")
    choose(page, "Prompt matrix")
    expect(page.locator("#script_txt2img_prompt_matrix_margin_size")).to_be_visible()
    choose(page, "X/Y/Z plot")
    expect(page.locator("#script_txt2img_xyz_plot_x_type")).to_be_visible()
    expect(page.locator("#script_txt2img_prompt_matrix_margin_size")).to_be_hidden()

    page.fill(FIELD.format("x_values"), "1-4")
    page.select_option(FIELD.format("y_type"), label="Checkpoint name")
    expect(page.locator(FIELD.format("y_values"))).to_be_hidden()
    page.locator("#xyz_grid_fill_y_tool_button").click()
    chips = page.locator("#script_txt2img_xyz_plot_y_values_dropdown .chip")
    expect(chips).to_have_count(2)
    page.locator("#xy_grid_swap_axes_button").click()
    expect(page.locator("#script_txt2img_xyz_plot_x_values_dropdown .chip")).to_have_count(2)
    page.locator("#xy_grid_swap_axes_button").click()
    expect(chips).to_have_count(2)

    drawing.worker.hold.clear()
    drawing.worker.free_checks = 60
    page.click("#txt2img_generate")
    expect(page.locator("#txt2img_script_cells img").first).to_be_visible()
    with page.expect_response("**/control"):
        page.click("#txt2img_interrupt")
    drawing.worker.hold.set()
    expect(page.locator("#txt2img_script_unfinished")).to_contain_text(re.compile(r"X/Y/Z plot: [1-3] of 8 cells are drawn\."))
    page.dblclick("#txt2img_script_resume")
    expect(page.locator("#txt2img_xyz_explore a")).to_be_visible()
    expect(page.locator("#txt2img_script_unfinished")).to_be_hidden()
    expect(page.locator("#html_info_txt2img")).to_contain_text("Script: X/Y/Z plot, X Type: Seed, X Values: 1-4")
    newest, _ = drawing.host.jobs.list()
    job = drawing.host.jobs.wait(newest.id, 60)
    assert (job.kind, job.result.info["cells_drawn"], job.state.value) == ("script", 8, "done")

    with page.context.expect_page() as opened:
        page.locator("#txt2img_xyz_explore a").click()
    explorer = opened.value
    expect(explorer.locator("td img")).to_have_count(8)
    explorer.locator("td button").nth(1).click()
    expect(explorer.locator("#label")).to_contain_text("Seed: 2 · first.safetensors")
    explorer.keyboard.press("ArrowRight")
    expect(explorer.locator("#infotext")).to_contain_text("Seed: 3")
    explorer.close()

    page.reload()
    page.wait_for_selector("#tabs:not([inert])", state="attached")
    expect(page.locator(FIELD.format("x_values"))).to_have_value("1-4")
    expect(chips).to_have_count(2)
    infotext = job.result.images[0].infotext.replace("1-4", "5-6")
    page.fill("#txt2img_prompt textarea", infotext)
    page.click("#paste")
    expect(page.locator(FIELD.format("x_values"))).to_have_value("5-6")
    expect(page.locator("#txt2img_prompt textarea")).to_have_value("a red tree")


def test_the_scripts_of_both_tabs_draw(drawing_more: Drawing, visitor: Visitor) -> None:
    page = visitor(drawing_more.url).open()
    page.fill("#txt2img_steps input[type=number]", "1")
    page.fill("#txt2img_prompt textarea", "a tree|red|tall")
    choose(page, "Prompt matrix")
    result = drawn(page, drawing_more, "txt2img")
    assert [each.prompt for each in result.images[1:]] == ["a tree", "a tree, red", "a tree, tall", "a tree, red, tall"]
    expect(page.locator("#txt2img_gallery .thumbnail-small")).to_have_count(5)

    choose(page, "Prompts from file or textbox")
    page.fill("#txt2img_prompt textarea", "")
    page.fill("#script_txt2img_prompts_from_file_or_textbox_prompt_txt_field", '--prompt "a cat" --seed 5\na {dog|dog} __colour__')
    result = drawn(page, drawing_more, "txt2img")
    assert [(each.prompt, each.seed == 5) for each in result.images] == [("a cat", True), ("a dog violet", False)]
    expect(page.locator("#html_info_txt2img")).to_contain_text("a cat")

    page.click("#tab_img2img-button")
    picture = {"name": "picture.png", "mimeType": "image/png", "buffer": plain_png()}
    page.set_input_files("#img2img_image input[type=file]", picture)
    expect(page.locator("#img2img_image .image-canvas")).to_have_class("image-canvas filled")
    for field, value in (("steps", "2"), ("width", "64"), ("height", "64")):
        page.fill(f"#img2img_{field} input[type=number]", value)
    for title, field, value, sizes in (
        ("Loopback", "loopback_loops", "2", [(64, 64), (64, 64)]),
        ("SD upscale", "sd_upscale_overlap", "16", [(128, 128)]),
        ("Outpainting mk2", "outpainting_mk2_pixels", "16", [(128, 128)]),
    ):
        choose(page, title, "img2img")
        page.fill(f"#script_{field} input[type=number]", value)
        if title == "SD upscale":
            page.get_by_role("radio", name="Lanczos").check()
        result = drawn(page, drawing_more, "img2img")
        assert [(each.width_px, each.height_px) for each in result.images if each.kind == "sample"] == sizes, title

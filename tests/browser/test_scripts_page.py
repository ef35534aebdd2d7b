"""Scripts in Chromium: the chosen one's fields alone, values typed and chosen, a plot interrupted and resumed, drafts, pasted grids."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from starlette.testclient import TestClient

from app.testing.hosts import HostMaker
from app.testing.inline import InlineExecutor
from app.testing.web import with_tiny_worker
from app.web.server import create_app
from tests.browser.conftest import FEATURES, Visitor, served

pytestmark = pytest.mark.browser
FIELD = "#script_txt2img_xyz_plot_{}_field"


@dataclass
class Drawing:
    """A served site that draws with a tiny checkpoint."""

    host: Any
    worker: InlineExecutor
    url: str


@pytest.fixture
def drawing(make_host: HostMaker, port: int) -> Iterator[Drawing]:
    host = make_host(*FEATURES, "scripts", "xyz_plot", "prompt_matrix")
    worker = with_tiny_worker(host, "first.safetensors", "second.safetensors")
    with host.running():
        site: Any = SimpleNamespace(client=TestClient(create_app(host)))
        with served(site, port) as page:
            yield Drawing(host, worker, page.url)


def choose(page: Page, title: str) -> None:
    page.locator("#txt2img_script_container input").first.click()
    page.get_by_role("option", name=title, exact=True).click()


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

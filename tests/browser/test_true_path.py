"""The true path: a real Paintbox with a worker process and the demo checkpoint, used with Chromium as a person uses it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import RealPage, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.e2e, pytest.mark.slow]

MANY_STEPS = "150"


def generate(page: Page, prompt: str, **numbers: str) -> None:
    page.fill("#txt2img_prompt textarea", prompt)
    for name, value in {"steps": "20", "batch_count": "1", "seed": "-1", **numbers}.items():
        page.fill(f"#txt2img_{name} input >> nth=0", value)
    page.click("#txt2img_generate")


def finished(page: Page) -> None:
    expect(page.locator("#txt2img_generate_box")).to_have_attribute("data-phase", "idle")
    expect(page.locator("#txt2img_gallery [data-testid=detailed-image]")).to_be_visible()


def new_pictures(real: RealPage, before: list[Path]) -> list[Path]:
    return [path for path in real.pictures() if path not in before]


def web_process_maps(real: RealPage) -> str:
    return Path(f"/proc/{real.process.pid}/maps").read_text()


def test_type_a_prompt_and_get_a_picture_with_its_parameters_on_screen_and_on_disk(real: RealPage, visitor: Visitor) -> None:
    page = visitor(real.url).open()
    expect(page.locator("#setting_sd_model_checkpoint input")).to_have_value(re.compile(r"paintbox-demo\.safetensors( \[\w{10}\])?"))
    before = real.pictures()
    generate(page, "night, stars, moon, pine tree, snow", seed="1234", steps="90")
    expect(page.locator("#txt2img_progress .progress-text")).to_contain_text("%")
    expect(page.locator(".livePreview img")).to_be_visible()
    finished(page)
    [picture] = new_pictures(real, before)
    infotext = Image.open(picture).text["parameters"]
    parameters = "Steps: 90, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 7, Seed: 1234"
    assert infotext.startswith(f"night, stars, moon, pine tree, snow\n{parameters}")
    shown = page.locator("#html_info_txt2img").inner_text()
    assert shown.split() == infotext.split()
    page.wait_for_function("document.querySelector('#txt2img_gallery [data-testid=detailed-image]').naturalWidth > 0")
    drawn = page.locator("#txt2img_gallery [data-testid=detailed-image]")
    size = drawn.evaluate("({naturalWidth, naturalHeight}) => [naturalWidth, naturalHeight]")
    width = int(page.input_value("#txt2img_width input >> nth=0"))
    assert size == [width, width] == list(Image.open(picture).size)
    expect(page.locator("#txt2img_token_counter")).to_contain_text("10/75")


def test_the_web_process_never_loads_torch(real: RealPage, visitor: Visitor) -> None:
    page = visitor(real.url).open()
    generate(page, "a boat", steps="2")
    finished(page)
    if not Path("/proc/self/maps").exists():
        pytest.skip("this system does not show what a process has loaded")
    maps = web_process_maps(real)
    assert "python" in maps
    assert "libtorch" not in maps and "/torch/" not in maps


def test_a_batch_is_drawn_with_consecutive_seeds(real: RealPage, visitor: Visitor) -> None:
    page = visitor(real.url).open()
    before = real.pictures()
    generate(page, "windmill, grass", batch_count="3", seed="50", steps="4")
    finished(page)
    samples = [path for path in new_pictures(real, before) if "grids" not in str(path)]
    assert [path.stem.split("-")[1] for path in samples] == ["50", "51", "52"]
    page.locator("#txt2img_gallery .thumbnail-small").last.click()
    expect(page.locator("#html_info_txt2img")).to_contain_text("Seed: 52")


def test_interrupt_ends_a_long_job(real: RealPage, visitor: Visitor) -> None:
    page = visitor(real.url).open()
    generate(page, "castle, sunset", steps=MANY_STEPS, batch_count="5")
    expect(page.locator("#txt2img_generate_box")).to_have_attribute("data-phase", "running")
    page.click("#txt2img_interrupt")
    page.click("#txt2img_interrupting")
    expect(page.locator("#txt2img_generate_box")).to_have_attribute("data-phase", "idle")
    page.wait_for_selector("#txt2img_generate")
    newest = page.request.get(f"{real.url}paintbox/v1/jobs?limit=1").json()[0]
    assert newest["result"]["stopped"] == "interrupt"
    assert len(newest["result"]["images"]) <= 2


def test_reloading_in_mid_job_finds_the_job_again(real: RealPage, visitor: Visitor) -> None:
    visit = visitor(real.url)
    generate(visit.open(), "bird, blue sky, cloud", steps=MANY_STEPS, batch_count="5")
    expect(visit.page.locator("#txt2img_generate_box")).to_have_attribute("data-phase", "running")
    page = visit.open()
    expect(page.locator("#txt2img_progress .progress-text")).to_contain_text("%")
    expect(page.locator("#txt2img_prompt textarea")).to_have_value("bird, blue sky, cloud")
    page.click("#txt2img_interrupt")
    page.click("#txt2img_interrupting")
    finished(page)
    expect(page.locator("#html_info_txt2img")).to_contain_text("bird, blue sky, cloud")

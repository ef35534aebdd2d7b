"""Extras and PNG Info in Chromium: from a picture on the disk to an enlarged one, and from there back to a prompt."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from playwright.sync_api import expect
from starlette.testclient import TestClient

from app.testing.hosts import temporary_host
from app.testing.web import with_tiny_worker
from app.web.server import create_app
from tests.browser.conftest import FEATURES, StagedPage, Visitor, served, wait_until
from tests.web.conftest import ORIGIN, Site

pytestmark = pytest.mark.browser
DRAFT = "window.paintbox.request('GET', 'paintbox/v1/drafts/extras')"
KEPT = f"async () => (await {DRAFT}).operations?.extras_upscale?.values.height === 128"
INFOTEXT = "a <b>cat</b>\nNegative prompt: dog\nSteps: 20, Sampler: Euler, CFG scale: 7, Seed: 5, Size: 64x64"
ONCE = re.compile(r"^bad\.png cannot be opened as a picture: (?!.*bad\.png)")
EXTENSIONS = ("extras", "extras_upscale", "image_crops", "upscalers", "png_info", "img2img", "a1111_infotext")


@contextmanager
def working(folder: Path, port: int) -> Iterator[StagedPage]:
    """A served site whose worker is a thread and does what it is asked for."""
    folder.mkdir()
    host = temporary_host(folder, (*FEATURES, *EXTENSIONS))
    executor: Any = with_tiny_worker(host, "first.safetensors")
    with host.running():
        client = TestClient(create_app(host), base_url=ORIGIN, raise_server_exceptions=False, follow_redirects=False)
        with served(Site(host, client, executor), port) as page:
            yield page


def picture(path: Path) -> Path:
    info = PngInfo()
    info.add_text("parameters", INFOTEXT)
    info.add_text("workflow", '{"nodes": [1, 2]}')
    Image.linear_gradient("L").resize((64, 64)).convert("RGB").save(path, pnginfo=info)
    return path


def test_a_picture_is_enlarged_and_its_parameters_come_back(visitor: Visitor, tmp_path: Path, port: int) -> None:
    cat = picture(tmp_path / "cat.png")
    with working(tmp_path / "data", port) as site:
        visit = visitor(site.url)
        page = visit.open()
        page.get_by_role("tab", name="Extras", exact=True).click()
        page.locator("#extras_image input[type=file]").set_input_files(cat)
        expect(page.locator("#extras_single_tab")).to_contain_text("cat.png, 64×64")
        page.get_by_label("Upscaler 1").select_option("Nearest")
        page.locator("#extras_scale_to_tab-button").click()
        page.locator("#extras_upscaling_resize_w input[type=number]").fill("128")
        page.locator("#upscaling_res_switch_btn").click()
        expect(page.locator("#extras_upscaling_resize_h input[type=number]")).to_have_value("128")
        page.get_by_role("checkbox", name="Auto-sized crop").focus()
        page.keyboard.press("Space")
        expect(page.locator("#postprocess_multicrop_mindim")).to_be_visible()
        page.keyboard.press("Space")
        page.keyboard.press("Control+Enter")
        expect(page.locator("#html_info_extras")).to_contain_text("Postprocess upscale to: 512x128")
        expect(page.locator("#extras_gallery a img")).to_be_visible()
        expect(page.locator("#extras_generate")).to_be_visible()
        page.locator("#extras_send_to_extras").click()
        expect(page.locator("#extras_single_tab")).to_contain_text("512×128")

        wait_until(page, KEPT)
        page = visit.open()
        page.get_by_role("tab", name="Extras", exact=True).click()
        expect(page.locator("#extras_upscaling_resize_h input[type=number]")).to_have_value("128")
        expect(page.get_by_label("Upscaler 1")).to_have_value("Nearest")

        page.get_by_role("tab", name="PNG Info", exact=True).click()
        page.locator("#pnginfo_image input[type=file]").set_input_files(cat)
        expect(page.locator(".pnginfo-text").first).to_have_text("a <b>cat</b>")
        expect(page.locator(".pnginfo-fields")).to_contain_text("Euler")
        page.locator("summary", has_text="workflow").click()
        expect(page.locator(".pnginfo-json")).to_contain_text('"nodes"')
        page.locator("#txt2img_tab").click()
        expect(page.locator("#txt2img_prompt textarea")).to_have_value("a <b>cat</b>")
        expect(page.locator("#txt2img_neg_prompt textarea")).to_have_value("dog")
    assert [path.name for path in (tmp_path / "data" / "outputs" / "extras-images").iterdir()] == ["00000.png"]


def test_what_cannot_be_read_is_said_where_it_is_seen(visitor: Visitor, tmp_path: Path, port: int) -> None:
    cat, bad = picture(tmp_path / "cat.png"), tmp_path / "bad.png"
    bad.write_text("no picture")
    with working(tmp_path / "data", port) as site:
        visit = visitor(site.url, height=700)
        page = visit.open()
        page.get_by_role("tab", name="Extras", exact=True).click()
        page.locator("#extras_image input[type=file]").set_input_files(cat)
        expect(page.locator("#extras_single_tab")).to_contain_text("cat.png, 64×64")
        page.get_by_role("checkbox", name="Upscale", exact=True).focus()
        page.evaluate("document.getElementById('extras_upscaling_resize_w_field').value = '99999'")  # in a tab that is not chosen
        page.locator("#extras_generate").click()
        expect(page.locator("#extras_gallery a img")).to_be_visible()
        page.locator("#extras_scale_to_tab-button").click()
        for typed, kept in (("99998", "16384"), ("", "512")):
            page.locator("#extras_upscaling_resize_w_field").fill(typed)
            page.keyboard.press("Tab")
            expect(page.locator("#extras_upscaling_resize_w_field")).to_have_value(kept)
        page.get_by_role("button", name="Remove the picture").click()
        page.locator("#extras_generate").click()
        expect(page.locator("#extras_problem")).to_be_in_viewport()
        expect(page.locator("#extras_problem")).to_contain_text("There is no picture to work on")

        page.locator("#extras_batch_process_tab-button").click()
        page.locator("#extras_image_batch input[type=file]").set_input_files([bad, cat])
        expect(page.locator("#extras_batch_process_tab li")).to_have_text(["cat.png"])
        told = page.locator("#mode_extras .tool-problem:visible")
        expect(told).to_have_text(ONCE)
        page.locator("#extras_batch_directory_tab-button").click()
        expect(told).to_have_count(0)
        page.locator("#extras_batch_process_tab-button").click()
        expect(told).to_have_text(ONCE)

        page.get_by_role("tab", name="PNG Info", exact=True).click()
        page.locator("#pnginfo_image input[type=file]").set_input_files(bad)
        expect(page.locator("#pnginfo_result [role=alert]")).to_have_text(ONCE)
        expect(page.locator("#pnginfo_image img")).to_be_hidden()
        expect(page.get_by_role("button", name="Drop a picture here, or click to choose one").last).to_be_visible()
        page.locator("#pnginfo_image input[type=file]").set_input_files(cat)
        expect(page.locator("#pnginfo_image img")).to_be_visible()
        assert {complaint.split(": ")[0] for complaint in visit.complaints} <= {"422", "400", "console"}
        page.goto("about:blank")  # what the form still has to keep would find no server
        visit.complaints.clear()


def test_a_picture_of_the_gallery_and_then_a_whole_folder_are_enlarged(visitor: Visitor, tmp_path: Path, port: int) -> None:
    source, output = tmp_path / "source", tmp_path / "output"
    source.mkdir()
    for name in ("cat.png", "dog.png"):
        picture(source / name)
    with working(tmp_path / "data", port) as site:
        page = visitor(site.url).open()
        page.fill("#txt2img_steps input[type=number]", "1")
        page.click("#txt2img_generate")
        expect(page.locator("#txt2img_gallery .preview .media-button img")).to_be_visible()
        page.click("#txt2img_send_to_extras")
        expect(page.locator("#extras_single_tab")).to_contain_text("64×64")
        page.get_by_label("Upscaler 1").select_option("Lanczos")
        page.locator("#extras_generate").click()
        expect(page.locator("#html_info_extras")).to_contain_text("Postprocess upscaler: Lanczos")

        page.locator("#extras_batch_directory_tab-button").click()
        page.fill("#extras_batch_input_dir_field", str(source))
        page.fill("#extras_batch_output_dir_field", str(output))
        page.get_by_label("Show result images").uncheck()
        page.locator("#extras_generate").click()
        while len(site.site.executor.jobs) < 3:  # the picture, its enlargement, the folder
            page.wait_for_timeout(50)
        site.site.host.jobs.wait(site.site.executor.jobs[-1].id, 60)
        expect(page.locator("#extras_gallery")).to_have_text("The results are saved; they are not shown, as the form says.")
        expect(page.locator("#extras_generate")).to_be_visible()
        page.wait_for_load_state("networkidle")
        page.goto("about:blank")  # what the form still has to keep would find no server
        assert sorted((path.name, Image.open(path).size) for path in output.iterdir()) == [("cat.png", (256, 256)), ("dog.png", (256, 256))]

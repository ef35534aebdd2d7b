"""Saving, archives, override settings and dropped files in Chromium, while a staged executor draws."""

from __future__ import annotations

import base64
import csv
import json
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from playwright.sync_api import Page, expect

from tests.browser.conftest import StagedPage, Visitor
from tests.browser.test_staged_page import generate, shown_picture

pytestmark = pytest.mark.browser


def drawn(staged: StagedPage, page: Page, count: int = 1) -> None:
    generate(page, "a windmill")
    staged.site.executor.finish(count=count, seed=500)
    shown_picture(page)


def fetched(page: Page, name: str) -> bytes:
    with page.expect_download() as download:
        page.get_by_role("link", name=name).click()
    return Path(download.value.path()).read_bytes()


def test_save_writes_the_selected_picture_and_a_line_and_offers_the_file(staged: StagedPage, visitor: Visitor) -> None:
    page = visitor(staged.url).open()
    drawn(staged, page, count=2)
    page.locator("#txt2img_gallery .thumbnail-small").nth(1).click()
    expect(page.locator("#html_info_txt2img")).to_contain_text("Seed: 501")
    page.click("#save_txt2img")
    expect(page.locator("#download_files_txt2img a")).to_have_text(["00000-501.png"])
    assert fetched(page, "00000-501.png")[:4] == b"\x89PNG"
    folder = staged.site.host.paths.data / "log" / "images"
    assert sorted(path.name for path in folder.iterdir()) == ["00000-501.png", "log.csv"]
    (row,) = csv.DictReader((folder / "log.csv").open(encoding="utf-8", newline=""))
    assert (row["prompt"], row["seed"], row["filename"]) == ("a windmill", "501", "00000-501.png")


def test_zip_offers_an_archive_of_all_pictures_where_the_settings_say_so(staged: StagedPage, visitor: Visitor) -> None:
    staged.site.host.settings.set({"save_selected_only": False, "grid_zip_filename_pattern": "all"})
    page = visitor(staged.url).open()
    drawn(staged, page, count=2)
    page.click("#save_zip_txt2img")
    expect(page.locator("#download_files_txt2img a").first).to_have_text("all.zip")
    with zipfile.ZipFile(BytesIO(fetched(page, "all.zip"))) as archive:
        assert archive.namelist() == ["00000-500.png", "00001-501.png"]


def test_a_folder_that_cannot_be_written_is_told(staged: StagedPage, visitor: Visitor) -> None:
    (staged.site.host.paths.data / "log").write_text("a file where the folder should be")
    page = visitor(staged.url).open()
    drawn(staged, page)
    page.click("#save_txt2img")
    expect(page.locator("#download_files_txt2img [role=alert]")).to_contain_text("Nothing could be saved in")


def test_settings_of_a_paste_are_chips_that_ride_with_the_job(staged: StagedPage, visitor: Visitor) -> None:
    staged.site.host.settings.set({"disable_weights_auto_swap": False})
    page = visitor(staged.url).open()
    expect(page.locator("#txt2img_override_settings")).to_be_hidden()
    text = "a hill\nSteps: 4, Sampler: Euler, Seed: 1, Clip skip: 2, ENSD: 31337, RNG: GPU, Model hash: 0123456789, Model: gone"
    page.fill("#txt2img_prompt textarea", text)
    page.click("#paste")
    expect(page.locator("#txt2img_override_settings .token")).to_have_text(["Clip skip: 2", "ENSD: 31337"])
    expect(page.locator(".toast-body")).to_contain_text("gone")
    expect(page.locator(".toast-body")).to_contain_text("0123456789")
    page.locator("#txt2img_override_settings .token").filter(has_text="ENSD").locator(".token-remove").click()
    expect(page.locator("#txt2img_override_settings .token")).to_have_count(1)
    page.click("#txt2img_generate")
    assert staged.site.executor.running().request["settings"] == {"CLIP_stop_at_last_layers": 2}
    staged.site.executor.finish()
    page.fill("#txt2img_prompt textarea", "a hill\nSteps: 4, Sampler: Euler, Seed: 1")
    page.click("#paste")
    expect(page.locator("#txt2img_override_settings")).to_be_hidden()


def comfy_picture() -> bytes:
    nodes = {
        "3": ("KSampler", {"seed": 9, "steps": 5, "cfg": 3, "sampler_name": "euler", "scheduler": "ddpm", "positive": ["6", 0]}),
        "6": ("CLIPTextEncode", {"text": "a harbour"}),
    }
    info = PngInfo()
    info.add_text("prompt", json.dumps({key: {"class_type": kind, "inputs": inputs} for key, (kind, inputs) in nodes.items()}))
    stream = BytesIO()
    Image.new("RGB", (64, 64)).save(stream, "PNG", pnginfo=info)
    return stream.getvalue()


DROP = """([data, name]) => {
    const bytes = Uint8Array.from(atob(data), (sign) => sign.charCodeAt(0));
    const carried = new DataTransfer();
    carried.items.add(new File([bytes], name));
    const field = document.querySelector("#txt2img_prompt textarea");
    field.dispatchEvent(new DragEvent("drop", { dataTransfer: carried, bubbles: true, cancelable: true }));
}"""


def test_a_dropped_picture_fills_the_prompt_box_and_then_the_form(staged: StagedPage, visitor: Visitor) -> None:
    page = visitor(staged.url).open()
    page.evaluate(DROP, [base64.b64encode(comfy_picture()).decode(), "x.png"])
    box = page.locator("#txt2img_prompt textarea")
    expect(box).to_have_value("a harbour\nSteps: 5, Sampler: Euler, CFG scale: 3, Seed: 9, RNG: CPU")
    expect(page.locator("#txt2img_prompt_image")).to_contain_text("ComfyUI")
    expect(page.locator("#txt2img_prompt_image")).to_contain_text("the schedule 'ddpm'")
    page.click("#paste")
    expect(box).to_have_value("a harbour")
    expect(page.locator("#txt2img_steps input[type=number]")).to_have_value("5")
    page.set_input_files("#txt2img_prompt_image input[type=file]", {"name": "p.txt", "mimeType": "text/plain", "buffer": b"a lake"})
    expect(box).to_have_value("a lake")

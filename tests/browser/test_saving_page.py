"""Saving, archives, override settings and dropped files in Chromium, while a staged executor draws."""

from __future__ import annotations

import base64
import csv
import json
import re
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import StagedPage, Visitor
from tests.browser.test_staged_page import generate, shown_picture

pytestmark = pytest.mark.browser


def drawn(staged: StagedPage, page: Page, count: int = 1) -> None:
    generate(page, "a windmill")
    staged.site.executor.finish(count=count, seed=500)
    shown_picture(page)


def note(page: Page) -> Locator:
    return page.locator("#txt2img_prompt_note .prompt-note")


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
    expect(note(page)).to_contain_text("gone")
    expect(note(page)).to_contain_text("0123456789")
    expect(page.locator(".toast-body")).to_have_count(0)
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
    expect(note(page)).to_contain_text("ComfyUI")
    expect(note(page)).to_contain_text("the schedule 'ddpm'")
    page.click("#paste")
    expect(box).to_have_value("a harbour")
    expect(page.locator("#txt2img_steps input[type=number]")).to_have_value("5")
    page.set_input_files("#txt2img_prompt_image input[type=file]", {"name": "p.txt", "mimeType": "text/plain", "buffer": b"a lake"})
    expect(box).to_have_value("a lake")


def test_the_note_below_the_prompts_lasts_until_it_is_closed_or_replaced(staged: StagedPage, visitor: Visitor) -> None:
    visit = visitor(staged.url)
    page = visit.open()
    expect(note(page)).to_be_hidden()
    long = "y" * 200
    page.fill("#txt2img_prompt textarea", f"a hill\nSteps: 4, Sampler: Euler, Seed: 1, Unheard of: {long}")
    page.click("#paste")
    expect(note(page)).to_contain_text(long)
    note(page).get_by_role("button", name="Close this note").click()
    expect(note(page)).to_be_hidden()
    unreadable = {"name": "x.png", "mimeType": "image/png", "buffer": plain_png()}
    page.set_input_files("#txt2img_prompt_image input[type=file]", unreadable)
    expect(note(page)).to_contain_text("x.png has no generation parameters")
    page.fill("#txt2img_prompt textarea", "a hill\nSteps: 4, Sampler: Euler, Seed: 1")
    page.click("#paste")
    expect(note(page)).to_be_hidden()
    visit.complaints.clear()  # a browser complains of the refused picture that this is about


def test_an_empty_prompt_after_a_failed_drop_says_where_the_parameters_are_from(staged: StagedPage, visitor: Visitor) -> None:
    (staged.site.host.paths.data / "params.txt").write_text("a lake\nSteps: 4, Sampler: Euler, Seed: 77", encoding="utf-8")
    visit = visitor(staged.url)
    page = visit.open()
    page.set_input_files("#txt2img_prompt_image input[type=file]", {"name": "x.png", "mimeType": "image/png", "buffer": plain_png()})
    expect(note(page)).to_have_attribute("role", "alert")
    page.click("#paste")
    expect(page.locator("#txt2img_prompt textarea")).to_have_value("a lake")
    expect(note(page)).to_have_text("The prompt was empty, so these are the parameters of the last generation.×")
    expect(note(page)).not_to_contain_text("x.png")
    visit.complaints.clear()


def plain_png() -> bytes:
    file = BytesIO()
    Image.new("RGB", (8, 8), "red").save(file, "PNG")
    return file.getvalue()


def test_an_upscaled_picture_takes_its_place_among_the_others(staged_hires: StagedPage, visitor: Visitor) -> None:
    staged = staged_hires
    staged.site.host.settings.set({"save_selected_only": False})
    page = visitor(staged.url).open()
    drawn(staged, page, count=3)
    thumbnails = page.locator("#txt2img_gallery .thumbnail-small")
    expect(thumbnails).to_have_count(3)
    thumbnails.nth(1).click()
    expect(page.locator("#html_info_txt2img")).to_contain_text("Seed: 501")
    page.click("#txt2img_upscale")
    staged.site.executor.finish(seed=901)
    expect(page.locator("#html_info_txt2img")).to_contain_text("Seed: 901")
    expect(thumbnails).to_have_count(3)
    expect(thumbnails.nth(1)).to_have_class(re.compile("selected"))
    page.click("#save_txt2img")
    expect(page.locator("#download_files_txt2img a")).to_have_text(["00000-500.png", "00001-901.png", "00002-502.png"])
    thumbnails.nth(2).click()
    expect(page.locator("#html_info_txt2img")).to_contain_text("Seed: 502")
    staged.site.host.settings.set({"save_selected_only": True, "hires_button_gallery_insert": True})
    page.click("#save_txt2img")
    expect(page.locator("#download_files_txt2img a")).to_have_text(["00003-502.png"])
    page.click("#txt2img_upscale")
    staged.site.executor.finish(seed=902)
    expect(page.locator("#html_info_txt2img")).to_contain_text("Seed: 902")
    expect(thumbnails).to_have_count(4)
    expect(thumbnails.nth(3)).to_have_class(re.compile("selected"))

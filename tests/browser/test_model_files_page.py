"""A model file's way in a browser: uploaded, said what it is, shown as a card, renamed, into the trash and back."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from extensions.model_files.tests.conftest import lora
from tests.browser.conftest import FEATURES, served

pytestmark = [pytest.mark.browser, pytest.mark.e2e]


@pytest.fixture
def staged_files(make_site, port):
    """A served site with cards and model files."""
    with served(make_site(*FEATURES, "lora", "model_recognition", "extra_networks", "model_files"), port) as page:
        yield page


def test_a_file_comes_gets_its_name_goes_and_comes_back(staged_files, visitor, tmp_path):
    file = tmp_path / "pencil <b>style.safetensors"
    file.write_bytes(lora(rank=8))
    folder = Path(staged_files.site.host.paths.models) / "Lora"
    page = visitor(staged_files.url).open()
    page.get_by_role("tab", name="Lora").click()
    page.locator("#txt2img_lora_upload").click()
    page.set_input_files("#model_upload_input", str(file))
    item = page.locator("#model_upload .model-item")
    expect(item).to_contain_text("LoRA, Stable Diffusion 1.x")
    expect(item.get_by_label("Name")).to_have_value("pencil _b_style.safetensors")
    assert not folder.exists() or list(folder.iterdir()) == []
    item.get_by_label("Name").fill("pencil.safetensors")
    item.get_by_label("Sub-folder").fill("art")
    item.get_by_role("button", name="Add").click()
    expect(item).to_contain_text("Added to LoRA as art/pencil.safetensors")
    page.locator("#model_upload").get_by_role("button", name="Close").click()

    card = page.locator('.network-card[data-name="art/pencil.safetensors"]')
    card.hover()
    card.get_by_role("button", name="Rename or move").click()
    page.fill("#model_rename_name", "ink")
    page.fill("#model_rename_folder", "")
    page.click("#model_rename_save")
    card = page.locator('.network-card[data-name="ink.safetensors"]')
    expect(card).to_be_visible()
    card.hover()
    card.get_by_role("button", name="Move to trash").click()
    expect(card).to_have_count(0)
    assert not (folder / "ink.safetensors").exists()
    page.locator(".model-toast").get_by_role("button", name="Undo").click()
    expect(card).to_be_visible()
    assert (folder / "ink.safetensors").read_bytes() == file.read_bytes()

    card.hover()
    card.get_by_role("button", name="Move to trash").click()
    expect(card).to_have_count(0)
    page.locator("#txt2img_lora_trash").click()
    empty = page.locator("#model_trash_empty")
    expect(page.locator("#model_trash .model-item")).to_contain_text("ink.safetensors")
    empty.click()
    expect(empty).to_contain_text("Really delete this file")
    empty.click()
    expect(page.locator("#model_trash")).to_contain_text("The trash is empty")

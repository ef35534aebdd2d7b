"""The Checkpoint Merger tab in Chromium, from choosing two models to a picture of the result, and what Inspect says of it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import RealPage, Visitor

pytestmark = pytest.mark.browser
DEMO = "paintbox-demo.safetensors"
MISSING = "Choose a secondary model."


def test_two_checkpoints_are_merged_and_the_result_draws(real: RealPage, visitor: Visitor) -> None:
    visit = visitor(real.url)
    page = visit.open()
    page.get_by_role("tab", name="Checkpoint Merger", exact=True).click()
    page.get_by_label("Primary model (A)").select_option(DEMO)
    expect(page.locator("#modelmerger_interp_description")).to_contain_text("A and B")
    page.click("#modelmerger_merge")
    expect(page.locator("#modelmerger_secondary_model_name_problem")).to_contain_text(MISSING)
    expect(page.get_by_text(MISSING)).to_have_count(1)
    assert {complaint.split(": ")[0] for complaint in visit.complaints} <= {"422", "400", "console"}
    visit.complaints.clear()
    page.get_by_label("Secondary model (B)").select_option(DEMO)
    page.get_by_label("Custom Name (Optional)").fill("half and half")
    page.get_by_label("Multiplier (M) - set to 0 to get model A", exact=True).last.fill("0.5")
    page.locator("#modelmerger_blocks summary").click()
    expect(page.locator(".merge-block")).to_have_count(14)
    expect(page.locator("#modelmerger_outlook")).to_contain_text("half and half.safetensors")
    page.click("#modelmerger_merge")
    expect(page.locator("#modelmerger_result")).to_contain_text("Saved half and half.safetensors, 34.")
    expect(page.locator("#modelmerger_primary_model_name option", has_text="half and half")).to_have_count(1)
    page.get_by_role("tab", name="Inspect", exact=True).click()
    page.locator("#model_inspection_model_field").select_option("half and half.safetensors")
    expect(page.locator("#model_inspection_facts")).to_contain_text("Stable Diffusion 1.x")
    expect(page.locator("#model_inspection_metadata")).to_contain_text('"multiplier": 0.5')
    page.get_by_label("Search keys").fill("attn2 to_k")
    expect(page.locator("#model_inspection_keys tbody tr").first).to_contain_text("attn2.to_k.weight")
    page.locator("#setting_sd_model_checkpoint input").click()
    page.locator("li[role=option]", has_text="half and half").click()
    page.get_by_role("tab", name="txt2img", exact=True).click()
    page.fill("#txt2img_prompt textarea", "red house")
    page.fill("#txt2img_steps input[type=number]", "2")
    page.click("#txt2img_generate")
    expect(page.locator("#html_info_txt2img")).to_contain_text("Model: half and half")
    assert len(real.pictures()) == 1

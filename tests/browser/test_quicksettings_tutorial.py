"""The tutorial's way to more controls at the top of the page, click by click, down to the next picture's infotext."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageChops
from playwright.sync_api import Page, expect
from safetensors.torch import load_file, save_file

from tests.browser.conftest import DEMO, RealPage, Visitor, wait_until
from tests.browser.test_true_path import finished, generate, new_pictures

pytestmark = [pytest.mark.browser, pytest.mark.e2e, pytest.mark.slow]
ADDED = ("sd_vae", "CLIP_stop_at_last_layers")
"""What the tutorial adds to the list."""
IS_SAVED = """async () => {
  const { sections } = await window.paintbox.request("GET", "paintbox/v1/settings");
  return sections.flatMap((section) => section.settings).find((setting) => setting.key === "CLIP_stop_at_last_layers").value === 2;
}"""


VAE_IS_SAVED = """async () => {
  const { sections } = await window.paintbox.request("GET", "paintbox/v1/settings");
  return sections.flatMap((section) => section.settings).find((setting) => setting.key === "sd_vae").value === "vivid.safetensors";
}"""
OWN = "first_stage_model."


def test_settings_user_interface_quicksettings_list_apply_reload(real: RealPage, visitor: Visitor) -> None:
    page = visitor(real.url).open()
    page.get_by_role("tab", name="Settings", exact=True).click()
    page.get_by_role("tab", name="User interface", exact=True).click()
    for key in ADDED:
        page.get_by_role("combobox", name="Quicksettings list").fill(key)
        page.get_by_role("option").filter(has_text=f"{key}:").click()
    page.get_by_role("button", name="Apply settings").click()
    expect(page.locator("#settings_result")).to_have_text(
        "1 setting changed: quicksettings_list. quicksettings_list works after Reload UI."
    )
    page.locator("#settings_restart_gradio").click()
    for key in ADDED:
        expect(page.locator(f"#quicksettings #setting_{key}")).to_be_visible()
    page.wait_for_selector("#txt2img_generate_box[data-phase]")
    page.wait_for_selector("#tabs:not([inert])")

    clip_skip = page.locator("#quicksettings #setting_CLIP_stop_at_last_layers")
    assert clip_skip.locator("input[type=range]").evaluate("field => [field.min, field.max, field.step]") == ["1", "12", "1"]
    clip_skip.locator("input[type=range]").press("ArrowRight")
    wait_until(page, IS_SAVED)
    before = real.pictures()
    generate(page, "snow, pine tree", steps="2", seed="7")
    finished(page)
    [picture] = new_pictures(real, before)
    assert "Clip skip: 2" in Image.open(picture).text["parameters"]
    another = draw_with_a_new_vae(page, real)
    assert "VAE: vivid.safetensors" in another.text["parameters"]
    assert ImageChops.difference(Image.open(picture).convert("RGB"), another.convert("RGB")).getbbox() is not None


def draw_with_a_new_vae(page: Page, real: RealPage) -> Image.Image:
    """Drop a VAE file into its folder, look anew, choose it, and draw the same once more."""
    vae = page.locator("#quicksettings #setting_sd_vae input")
    expect(vae).to_have_value("Automatic")
    write_other_vae(real.data)
    page.locator("#quicksettings #refresh_sd_vae").click()
    expect(page.locator("#quicksettings #refresh_sd_vae")).to_be_enabled()
    vae.click()
    page.get_by_role("option", name="vivid.safetensors").click()
    wait_until(page, VAE_IS_SAVED)
    before = real.pictures()
    generate(page, "snow, pine tree", steps="2", seed="7")
    finished(page)
    [picture] = new_pictures(real, before)
    return Image.open(picture)


def write_other_vae(data: Path) -> None:
    """The demo checkpoint's own VAE, whose last layer gives other colours: red and blue change places."""
    tensors = load_file(str(DEMO))
    vae = {name.removeprefix(OWN): tensor for name, tensor in tensors.items() if name.startswith(OWN)}
    for part in ("weight", "bias"):
        vae[f"decoder.conv_out.{part}"] = vae[f"decoder.conv_out.{part}"].flip(0).contiguous()
    folder = data / "models" / "VAE"
    folder.mkdir(parents=True, exist_ok=True)
    save_file(vae, str(folder / "vivid.safetensors"))

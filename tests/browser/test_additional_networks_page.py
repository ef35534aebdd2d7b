"""Additional Networks in Chromium: rows are added, changed and removed, ride in the request, and are pasted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect
from safetensors.numpy import save_file

from extensions.additional_networks.params import AdditionalNetworksParams
from tests.browser.conftest import FEATURES, StagedPage, Visitor, make_site, served  # noqa: F401  (a fixture used here too)
from tests.web.conftest import Site

pytestmark = pytest.mark.browser
INFOTEXT = (
    "a lake\nSteps: 20, Sampler: Euler, CFG scale: 7, AddNet Enabled: True, AddNet Module 1: LoRA, AddNet Model 1: oil, "
    "AddNet Weight A 1: 0.4, AddNet Weight B 1: 0.2, AddNet Block Weights 1: MIDD"
)


@pytest.fixture
def staged_networks(make_site: Callable[..., Site], port: int) -> Iterator[StagedPage]:  # noqa: F811
    site = make_site(*FEATURES, "additional_networks")
    folder = Path(site.host.paths.models) / "Lora"
    folder.mkdir(parents=True)
    for name in ("oil", "ink"):
        save_file({"lora_unet_conv_in.alpha": np.ones(1)}, str(folder / f"{name}.safetensors"))
    with served(site, port) as page:
        yield page


def row(page: Page, number: int) -> Locator:
    return page.get_by_role("group", name=f"Network {number}", exact=True)


def test_rows_go_into_the_request_and_come_back(staged_networks: StagedPage, visitor: Visitor) -> None:
    page = visitor(staged_networks.url).open()
    page.locator("#txt2img_additional_networks-checkbox input").check()
    page.get_by_role("button", name="Add network").click()
    expect(row(page, 1).get_by_label("Network 1: model")).to_be_focused()
    page.keyboard.type("nobody")
    page.keyboard.press("Tab")
    expect(row(page, 1).locator(".model input")).to_have_class("missing")
    row(page, 1).locator(".model input").fill("ink")
    row(page, 1).locator(".model input").blur()
    expect(row(page, 1).locator(".model input")).not_to_have_class("missing")
    row(page, 1).get_by_label("Weight, number").fill("0.8")
    row(page, 1).get_by_label("Network 1: block weights").fill("OUTALL")
    page.get_by_role("button", name="Add network").click()
    page.get_by_role("button", name="Add network").click()
    row(page, 2).get_by_label("Remove network 2").click()
    row(page, 2).get_by_label("Network 2: model").fill("oil")
    row(page, 2).get_by_label("Network 2: use it").uncheck()
    expect(row(page, 1).get_by_label("Text encoder, number")).not_to_be_visible()
    page.fill("#txt2img_prompt textarea", "a hill")
    page.click("#txt2img_generate")
    params = AdditionalNetworksParams.of(staged_networks.site.executor.running().request["params"])
    assert [(one.model, one.unet, one.blocks, one.enabled) for one in params.rows] == [("ink", 0.8, "OUTALL", True), ("oil", 1, "", False)]
    assert params.enabled
    staged_networks.site.executor.finish()
    page.fill("#txt2img_prompt textarea", INFOTEXT)
    page.click("#paste")
    expect(row(page, 2)).to_have_count(0)
    expect(row(page, 1).locator(".model input")).to_have_value("oil")
    expect(row(page, 1).get_by_label("Text encoder, number")).to_have_value("0.2")
    expect(row(page, 1).get_by_label("Network 1: block weights")).to_have_value("MIDD")
    expect(page.locator("#txt2img_additional_networks_separate_weights input")).to_be_checked()
    page.locator("#txt2img_additional_networks-checkbox input").uncheck()
    page.evaluate("() => window.paintbox.additionalNetworks.add('txt2img', 'ink.safetensors')")
    expect(row(page, 2).locator(".model input")).to_have_value("ink")
    expect(page.locator("#txt2img_additional_networks-checkbox input")).to_be_checked()
    page.click("#txt2img_generate")
    params = AdditionalNetworksParams.of(staged_networks.site.executor.running().request["params"])
    assert [(one.model, one.unet, one.text_encoder) for one in params.used] == [("oil", 0.4, 0.2), ("ink", 1, 1)]
    staged_networks.site.executor.finish()

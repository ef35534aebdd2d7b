"""The cards of networks in Chromium: found, clicked into the prompt and out of it, edited, given a preview; the rules of the prompt."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from playwright.sync_api import Locator, Page, expect
from safetensors.torch import save_file

from tests.browser.conftest import FEATURES, StagedPage, Visitor, served
from tests.browser.test_staged_page import generate, shown_picture
from tests.web.conftest import Site, make_site  # noqa: F401  (a fixture used here too)

pytestmark = pytest.mark.browser
HOSTILE = "<img src=x onerror=alert(1)>"
KEY = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k"
NETWORKS = ("extra_networks", "lora", "textual_inversion", "model_recognition")
MANY = 90
TAGS = {"10_ink": {"ink wash": 80, HOSTILE: 3}}


def write_files(site: Site) -> Path:
    """Numbered LoRAs, one with everything beside it, and an embedding; returns the LoRA folder."""
    folder = site.host.paths.models / "Lora"
    (folder / "styles").mkdir(parents=True)
    site.host.paths.embeddings.mkdir(exist_ok=True)
    tensors = {f"{KEY}.lora_down.weight": torch.zeros(2, 768), f"{KEY}.lora_up.weight": torch.zeros(320, 2)}
    for number in range(MANY):
        save_file(tensors, folder / f"number {number}.safetensors")
    save_file(tensors, folder / "styles" / "ink.safetensors", {"ss_tag_frequency": json.dumps(TAGS), "ss_network_dim": "2"})
    told = {"description": HOSTILE, "activation text": "inkwash", "negative text": "photo", "preferred weight": 0.8, "modelId": 7}
    (folder / "styles" / "ink.json").write_text(json.dumps(told))
    save_file({"emb_params": torch.zeros(2, 768)}, site.host.paths.embeddings / "tidy-hands.safetensors")
    for kind in ("lora", "embeddings"):
        for record in site.host.models.records(kind):
            site.host.models.find(kind, record.name)  # reads its header now
    return folder


@pytest.fixture
def staged_networks(make_site: Callable[..., Site], port: int) -> Iterator[StagedPage]:  # noqa: F811
    """A served site with files to choose from."""
    site = make_site(*FEATURES, *NETWORKS)
    write_files(site)
    with served(site, port) as page:
        yield page


def open_tab(page: Page, name: str, kind: str) -> Locator:
    page.locator("#txt2img_extra_tabs").get_by_role("tab", name=name, exact=True).click()
    cards = page.locator(f"#txt2img_{kind}_cards")
    expect(cards.locator(".card-main").first).to_be_visible()
    return cards


def card(page: Page, name: str) -> Locator:
    return page.locator(f'#txt2img_extra_tabs .network-card[data-name="{name}"]')


def prompt(page: Page) -> Locator:
    return page.locator("#txt2img_prompt textarea")


INK = "styles/ink.safetensors"


def test_cards_are_found_clicked_edited_and_given_a_preview(staged_networks: StagedPage, visitor: Visitor) -> None:
    page = visitor(staged_networks.url).open()
    folder = staged_networks.site.host.paths.models / "Lora"
    generate(page, "a lighthouse")
    staged_networks.site.executor.finish()
    shown_picture(page)
    cards = open_tab(page, "Lora", "lora")
    _only_the_near_ones_are_drawn(page, cards)
    _search(page, cards)
    _clicks_insert_and_remove(page)
    _notes_are_edited(page, folder)
    _the_preview_is_replaced(page, folder)
    _words_go_where_the_focus_was(page)


def _only_the_near_ones_are_drawn(page: Page, cards: Locator) -> None:
    expect(page.locator("#txt2img_lora_pane .network-status")).to_have_text(f"{MANY + 1} files")
    assert cards.locator(".network-card").count() < MANY / 2
    cards.evaluate("grid => (grid.scrollTop = grid.scrollHeight)")
    expect(card(page, INK)).to_be_visible()
    assert cards.locator(".network-card").count() < MANY / 2
    cards.locator(".card-main").last.focus()
    page.keyboard.press("Home")
    expect(card(page, "number 0.safetensors").locator(".card-main")).to_be_focused()


def _search(page: Page, cards: Locator) -> None:
    page.click("#txt2img_lora_extra_sort_dir")
    expect(cards.locator('[aria-posinset="1"] .card-name')).to_have_text("ink")
    page.fill("#txt2img_lora_extra_search", "ber 7")
    expect(page.locator("#txt2img_lora_pane .network-status")).to_have_text("11 files")
    page.locator("#txt2img_lora_dirs").get_by_role("button", name="styles/").click()
    expect(page.locator("#txt2img_lora_extra_search")).to_have_value("styles/")
    expect(cards.locator(".card-name")).to_have_text(["ink"])
    expect(cards.locator(".card-description")).to_have_text(HOSTILE)


def _clicks_insert_and_remove(page: Page) -> None:
    negative = page.locator("#txt2img_neg_prompt textarea")
    card(page, INK).locator(".card-main").click()
    expect(prompt(page)).to_have_value("a lighthouse <lora:ink:0.8> inkwash")
    expect(negative).to_have_value("(photo:1)")
    expect(card(page, INK).locator(".card-main")).to_have_attribute("aria-pressed", "true")
    prompt(page).fill("a lighthouse <lora:ink:0.35> inkwash, waves")
    card(page, INK).locator(".card-main").press("Enter")
    expect(prompt(page)).to_have_value("a lighthouse, waves")
    expect(negative).to_have_value("")
    expect(card(page, INK).locator(".card-main")).to_have_attribute("aria-pressed", "false")
    prompt(page).focus()
    for _ in range(2):  # the negative prompt was changed last
        page.keyboard.press("Control+z")
    expect(prompt(page)).to_have_value("a lighthouse <lora:ink:0.35> inkwash, waves")


def _notes_are_edited(page: Page, folder: Path) -> None:
    card(page, INK).hover()
    card(page, INK).get_by_role("button", name="Edit notes and preview").click()
    dialog = page.locator("#txt2img_lora_edit_user_metadata")
    expect(dialog.locator("tr", has_text="Dims")).to_contain_text("2")
    dialog.get_by_role("button", name=HOSTILE).click()
    dialog.get_by_role("button", name="Generate", exact=True).click()
    expect(dialog.get_by_label("Random prompt")).to_have_value(re.compile("ink wash"))
    dialog.get_by_label("Notes").fill("mine")
    dialog.get_by_label("Activation text").fill("ink, brush")
    dialog.get_by_role("button", name="ink wash").click()
    expect(dialog.get_by_label("Activation text")).to_have_value("ink, brush, ink wash")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden()
    told = json.loads((folder / "styles" / "ink.json").read_text())
    assert (told["notes"], told["activation text"], told["modelId"], told["description"]) == ("mine", "ink, brush, ink wash", 7, HOSTILE)


def _the_preview_is_replaced(page: Page, folder: Path) -> None:
    card(page, INK).hover()
    card(page, INK).get_by_role("button", name="Edit notes and preview").click()
    page.click("#txt2img_lora_edit_user_metadata_replace_preview")
    expect(page.locator("#txt2img_lora_edit_user_metadata .dialog-message")).to_have_text("The preview is the selected picture now.")
    with Image.open(io.BytesIO((folder / "styles" / "ink.png").read_bytes())) as written:
        assert (written.getpixel((5, 5)), written.info["parameters"][:12]) == ((255, 0, 0), "a lighthouse")
    expect(card(page, INK).locator("img")).to_have_js_property("naturalWidth", 64)
    page.click("#txt2img_lora_edit_user_metadata_undo_preview")
    expect(page.locator("#txt2img_lora_edit_user_metadata .card-empty")).to_be_visible()
    assert not (folder / "styles" / "ink.png").exists()
    page.keyboard.press("Escape")


def _words_go_where_the_focus_was(page: Page) -> None:
    negative = page.locator("#txt2img_neg_prompt textarea")
    open_tab(page, "Textual Inversion", "textual_inversion")
    negative.fill("blurry")
    card(page, "tidy-hands.safetensors").locator(".card-main").click()
    expect(negative).to_have_value("blurry tidy-hands")
    negative.fill("blurry (tidy-hands:1.3)")
    card(page, "tidy-hands.safetensors").locator(".card-main").click()
    expect(negative).to_have_value("blurry")


CASES = """async (address) => {
  const { clicked } = await import(address);
  const lora = { network: "<lora:a (b):", prompt: "<lora:a (b):1> x y", negative: "(bad, worse:1)" };
  const word = { network: "tom", prompt: "tom", negative: "" };
  const click = (card, prompt, negative = "", box = "prompt", separator = " ") =>
    Object.values(clicked(card, ["lora", "lyco"], { prompt, neg_prompt: negative }, box, separator));
  return [
    click(lora, ""),
    click(lora, "cat", "dog", "prompt", ", "),
    click(lora, "cat <lyco:a (b):0.5:1> x y, dog", "dog (bad, worse:0.7)"),
    click(lora, "<lora:a (b)> and <lora:a (bc):1>", "(bad, worse:1)"),
    click({ network: "<lora:c:", prompt: "<lora:c:1> <x> y <lora:d:1>", negative: "" }, "cat <lora:c:1> <x> y <lora:d:1>, dog"),
    click(word, "tomcat"),
    click(word, "a Tom, (tom:0.8) or [tom] in tom's house"),
    click(word, "", "tom"),
    click(word, "", "tom", "neg_prompt"),
  ];
}"""
AFTER: list[Any] = [
    ["<lora:a (b):1> x y", "(bad, worse:1)"],
    ["cat, <lora:a (b):1> x y", "dog, (bad, worse:1)"],
    ["cat, dog", "dog"],
    ["and <lora:a (bc):1>", ""],
    ["cat, dog", ""],
    ["tomcat tom", ""],
    ["a, or [] in's house", ""],
    ["tom", "tom"],
    ["", ""],
]


DRAWN = """async (address) => {
  const { randomPrompt } = await import(address);
  const words = [["ink (wash)", 80], ["[a]", 40], ["cat", 8]];
  const given = (...values) => () => values.shift();
  return [randomPrompt(words, given(0.99, 0.6, 0.05)), randomPrompt(words, given(0.5, 0.49, 0.1)), randomPrompt([])];
}"""
LATE = """async (address) => {
  const { Cards } = await import(address);
  const { request } = paintbox;
  const answers = [];
  const answer = (name) => ({ total: 1, version: name, is_fresh: true, cards: [{ name }] });
  paintbox.request = () => new Promise((resolve) => answers.push((name) => resolve(answer(name))));
  const shown = [];
  const cards = new Cards("x", () => shown.push(cards.at(0).name), () => {});
  const looks = ["a", "ab", "abc"].map((search) => cards.look({ search }));
  for (const [number, name] of [[1, "ab"], [2, "abc"], [0, "a"]]) answers[number](name);
  await Promise.all(looks);
  paintbox.request = request;
  return shown;
}"""
TYPED = """async (address) => {
  const { throttled } = await import(address);
  const heard = [];
  let text = "";
  const search = throttled(1, () => heard.push(text));
  for (const letter of "abc") {
    text += letter;
    search();
  }
  while (heard.length < 2) await new Promise((resolve) => setTimeout(resolve));
  return heard;
}"""


def test_the_rules_of_clicks_searches_and_random_prompts(staged_networks: StagedPage, visitor: Visitor) -> None:
    page = visitor(staged_networks.url).open()
    modules = f"{staged_networks.url}paintbox/assets/extra_networks/view"
    assert page.evaluate(CASES, f"{modules}/prompt.js") == AFTER
    assert page.evaluate(DRAWN, f"{modules}/random_prompt.js") == ["cat, ink \\(wash\\)", "\\[a\\], ink \\(wash\\)", ""]
    assert page.evaluate(LATE, f"{modules}/data.js") == ["abc"]
    assert page.evaluate(TYPED, f"{modules}/controls.js") == ["a", "abc"]

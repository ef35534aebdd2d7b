"""A1111's routes of the cards, for programs that ask there."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from starlette.testclient import TestClient

from app.testing.web import running_client

ROUTE = "/sd_extra_networks"
KEY = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k"


def png(color: str) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (16, 16), color).save(stream, "PNG")
    return stream.getvalue()


@pytest.fixture
def site(make_host: Any) -> Iterator[tuple[TestClient, Path]]:
    host = make_host("extra_networks", "lora", "checkpoints", "stable_diffusion", "model_recognition", nowebui=True)
    folder = host.paths.models / "Lora"
    folder.mkdir(parents=True)
    layers = {f"{KEY}.lora_down.weight": torch.zeros(2, 768), f"{KEY}.lora_up.weight": torch.zeros(320, 2)}
    cover = json.dumps([base64.b64encode(png("lime")).decode()])
    save_file(layers, folder / "ink.safetensors", {"ss_output_name": "ink_v2", "ssmd_cover_images": cover})
    save_file(layers, folder / "oil.safetensors", {})
    (folder / "ink.png").write_bytes(png("red"))
    (folder / "secret.png").write_bytes(png("blue"))
    with running_client(host) as client:
        yield client, folder


def colour(answer: Any) -> tuple[int, ...]:
    assert answer.status_code == 200, answer.text
    return tuple(Image.open(io.BytesIO(answer.content)).convert("RGB").getpixel((8, 8)))


def test_only_pictures_of_cards_are_sent(site: tuple[TestClient, Path]) -> None:
    client, folder = site
    red, green, _ = colour(client.get(f"{ROUTE}/thumb", params={"filename": str(folder / "ink.png"), "mtime": "1"}))
    assert red > 200 and green < 50
    for other in (folder / "secret.png", folder / "none.png", folder / ".." / "Lora" / "ink.png", "/etc/passwd", "", "\0"):
        assert client.get(f"{ROUTE}/thumb", params={"filename": str(other)}).status_code == 404


def test_a_cover_comes_from_the_file(site: tuple[TestClient, Path]) -> None:
    client, _ = site
    _, green, _ = colour(client.get(f"{ROUTE}/cover-images", params={"page": "Lora", "item": "ink"}))
    assert green > 200
    for query in ({"item": "ink", "index": 1}, {"item": "oil"}, {"item": "none"}, {"item": "ink", "page": "none"}):
        assert client.get(f"{ROUTE}/cover-images", params={"page": "lora", **query}).status_code == 404


def test_a_single_card_is_html_whose_texts_are_only_texts(site: tuple[TestClient, Path]) -> None:
    client, folder = site
    (folder / "ink.json").write_text(json.dumps({"description": "<script>x</script>", "activation text": 'a "quoted" word'}))
    html = client.get(f"{ROUTE}/get-single-card", params={"page": "lora", "tabname": "txt2img", "name": "ink"}).json()["html"]
    assert html.startswith('<div class="card" data-tabname="txt2img" data-name="ink"')
    assert "&lt;lora:ink_v2:1" in html and "a &quot;quoted&quot; word" in html and 'src="' in html
    assert "&lt;script&gt;x" in html and "<script" not in html
    for query in ({"page": "lora", "name": "none"}, {"page": "none", "name": "ink"}, {}):
        assert client.get(f"{ROUTE}/get-single-card", params=query).json() == {"html": ""}


def test_metadata_is_text(site: tuple[TestClient, Path]) -> None:
    client, _ = site
    said = client.get(f"{ROUTE}/metadata", params={"page": "lora", "item": "ink"}).json()["metadata"]
    assert json.loads(said)["ss_output_name"] == "ink_v2"
    for query in ({"page": "lora", "item": "none"}, {"page": "none", "item": "ink"}, {}):
        assert client.get(f"{ROUTE}/metadata", params=query).json() == {}

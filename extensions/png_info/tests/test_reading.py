"""What a picture's file says, as the page gets it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from app.testing.hosts import temporary_host
from app.testing.web import running_client
from extensions.png_info.reading import LONGEST_SHOWN, chunk

INFOTEXT = "a cat\nin a hat\nNegative prompt: dog\nSteps: 20, Sampler: Euler, CFG scale: 7, Seed: 5, Size: 512x768, Script: X/Y/Z plot"
GRAPH = {
    "3": {
        "class_type": "KSampler",
        "inputs": {
            "seed": 8, "steps": 20, "cfg": 7, "sampler_name": "euler", "scheduler": "normal", "denoise": 1,
            "model": ["4", 0], "positive": ["6", 0], "negative": ["7", 0], "latent_image": ["5", 0],
        },
    },
    "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "model.safetensors"}},
    "5": {"class_type": "EmptyLatentImage", "inputs": {"width": 512, "height": 512, "batch_size": 1}},
    "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "a ship", "clip": ["4", 1]}},
    "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "fog", "clip": ["4", 1]}},
    "9": {"class_type": "SaveImage", "inputs": {"images": ["8", 0]}},
    "8": {"class_type": "VAEDecode", "inputs": {"samples": ["3", 0], "vae": ["4", 2]}},
}  # fmt: skip


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    host = temporary_host(tmp_path_factory.mktemp("data"), ("png_info", "a1111_infotext", "comfyui_metadata"))
    with running_client(host) as client:
        yield client


def picture(kind: str, infotext: str = "", **texts: str) -> bytes:
    image, data, arguments = Image.new("RGB", (30, 20), "red"), BytesIO(), dict[str, Any]()
    if kind == "PNG":
        info = PngInfo()
        for name, text in {**({"parameters": infotext} if infotext else {}), **texts}.items():
            info.add_text(name, text)
        arguments["pnginfo"] = info
    elif kind == "GIF":
        arguments["comment"] = infotext.encode()
    else:
        exif = Image.Exif()
        exif.get_ifd(0x8769)[0x9286] = b"UNICODE\0" + infotext.encode("utf-16-be")
        exif[0x0131] = "Some program"
        arguments["exif"] = exif.tobytes()
    image.save(data, kind, **arguments)
    return data.getvalue()


def told(client: Any, data: bytes, **query: Any) -> dict[str, Any]:
    answer = client.post("/paintbox/v1/picture-info", params={"name": "x.png", **query}, content=data)
    assert answer.status_code == 200, answer.text
    known: dict[str, Any] = answer.json()
    return known


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "AVIF", "GIF"])
def test_every_format_tells_its_parameters(client: Any, kind: str) -> None:
    info = told(client, picture(kind, INFOTEXT))
    assert (info["width"], info["height"]) == (30, 20)
    assert info["infotext"] == INFOTEXT
    assert (info["prompt"], info["negative_prompt"]) == ("a cat\nin a hat", "dog")
    fields = {each["name"]: each["value"] for each in info["fields"]}
    assert fields == {"Steps": "20", "Sampler": "Euler", "CFG scale": "7", "Seed": "5", "Size": "512x768", "Script": "X/Y/Z plot"}
    names = {each["name"] for each in info["chunks"]}
    assert names >= {"parameters"} or names & {"EXIF user comment", "GIF comment"}
    if kind in ("JPEG", "WEBP"):
        assert {"name": "EXIF software", "text": "Some program", "form": "text", "cut": 0} in info["chunks"]


def test_other_programs_words_are_shown_as_parameters_and_as_they_are(client: Any) -> None:
    info = told(client, picture("PNG", prompt=json.dumps(GRAPH), note="<script>alert(1)</script>"))
    assert info["software"] == "ComfyUI"
    assert (info["prompt"], info["negative_prompt"]) == ("a ship", "fog")
    chunks = {each["name"]: each for each in info["chunks"]}
    assert chunks["prompt"]["form"] == "json"
    assert json.loads(chunks["prompt"]["text"]) == GRAPH
    assert "\n  " in chunks["prompt"]["text"]
    assert chunks["note"]["text"] == "<script>alert(1)</script>"


def test_a_picture_that_says_nothing(client: Any) -> None:
    info = told(client, picture("PNG"))
    assert (info["infotext"], info["fields"], info["chunks"]) == ("", [], [])


def test_long_texts_are_cut_and_say_so(client: Any) -> None:
    data = picture("PNG", note="x" * (LONGEST_SHOWN + 7))
    (note,) = told(client, data)["chunks"]
    assert (len(note["text"]), note["cut"]) == (LONGEST_SHOWN, 7)
    (whole,) = told(client, data, whole=True)["chunks"]
    assert (len(whole["text"]), whole["cut"]) == (LONGEST_SHOWN + 7, 0)
    assert chunk("deep", "[" * 100_000).form == "text"


def test_what_is_no_picture_is_refused(client: Any) -> None:
    answer = client.post("/paintbox/v1/picture-info?name=notes.txt", content=b"words")
    assert answer.status_code == 422
    assert "notes.txt" in answer.json()["detail"]

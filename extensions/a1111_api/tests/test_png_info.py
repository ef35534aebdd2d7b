"""What png-info says of pictures of other programs, and what a sent infotext cannot restore."""

from __future__ import annotations

import base64
import json
from io import BytesIO
from typing import Any

import pytest
from PIL import ExifTags, Image
from PIL.PngImagePlugin import PngInfo

from app.testing.web import running_client

READERS = ("comfyui_metadata", "invokeai_metadata", "fooocus_metadata", "forge_metadata", "sdnext_metadata", "novelai_metadata")
GRAPH = {
    "3": {"class_type": "KSampler", "inputs": {"seed": 5, "steps": 4, "cfg": 3, "sampler_name": "euler",
        "scheduler": "karras", "positive": ["6", 0]}},
    "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "a boat"}},
}  # fmt: skip
INVOKE = {"positive_prompt": "a boat", "steps": 4, "seed": 5, "cfg_scale": 3, "scheduler": "euler_k", "width": 8, "height": 8}
FOOOCUS = {
    "prompt": "a boat",
    "steps": 4,
    "seed": "5",
    "guidance_scale": 3,
    "sampler": "euler",
    "scheduler": "karras",
    "version": "Fooocus v2.5.5",
}
NOVEL = {
    "Software": "NovelAI",
    "Description": "a boat",
    "Comment": json.dumps({"steps": 4, "sampler": "k_euler", "seed": 5, "scale": 3, "uc": ""}),
}
PLAIN = "a boat\nSteps: 4, Sampler: Euler, Schedule type: Karras, CFG scale: 3, Seed: 5, Size: 8x8"
PICTURES = {
    "ComfyUI": {"prompt": json.dumps(GRAPH), "workflow": "{}"},
    "InvokeAI": {"invokeai_metadata": json.dumps(INVOKE)},
    "Fooocus": {"parameters": json.dumps(FOOOCUS)},
    "NovelAI": NOVEL,
    "Forge": {"parameters": f"{PLAIN}, Version: f2.0.1v1.10.1"},
    "SD.Next": {"parameters": f"{PLAIN}, App: SD.Next"},
    "A1111": {"parameters": f"{PLAIN}, Version: v1.10.1"},
}


@pytest.fixture
def ask(make_host: Any) -> Any:
    host = make_host("a1111_api", *READERS, "samplers", "noise_schedules", nowebui=True, flags={"api": True})
    with running_client(host) as client:
        yield lambda data: client.post("/sdapi/v1/png-info", json={"image": base64.b64encode(data).decode()}).json()


def png(texts: dict[str, str]) -> bytes:
    info, stream = PngInfo(), BytesIO()
    for key, text in texts.items():
        info.add_text(key, text)
    Image.new("RGB", (8, 8)).save(stream, "PNG", pnginfo=info)
    return stream.getvalue()


@pytest.mark.parametrize("software", PICTURES)
def test_every_program_s_picture_is_read(ask: Any, software: str) -> None:
    answer = ask(png(PICTURES[software]))
    assert answer["info"].startswith("a boat\n")
    assert {key: str(answer["parameters"][key]) for key in ("Prompt", "Steps", "Sampler", "Seed", "CFG scale")} == {
        "Prompt": "a boat", "Steps": "4", "Sampler": "Euler", "Seed": "5", "CFG scale": answer["parameters"]["CFG scale"],
    }  # fmt: skip
    assert float(answer["parameters"]["CFG scale"]) == 3
    assert set(answer["items"]) == set(PICTURES[software]) - {"parameters"}


def test_fooocus_in_the_exif_of_a_jpeg(ask: Any) -> None:
    exif, stream = Image.Exif(), BytesIO()
    exif[ExifTags.Base.UserComment] = json.dumps(FOOOCUS)
    exif[ExifTags.Base.MakerNote] = "fooocus"
    exif[ExifTags.Base.Software] = "Fooocus v2.5.5"
    Image.new("RGB", (8, 8)).save(stream, "JPEG", exif=exif)
    answer = ask(stream.getvalue())
    assert answer["parameters"]["Prompt"] == "a boat" and answer["items"] == {}


def test_comfyui_in_the_exif_of_a_webp(ask: Any) -> None:
    exif, stream = Image.Exif(), BytesIO()
    exif[ExifTags.Base.Model] = f"prompt:{json.dumps(GRAPH)}"
    exif[ExifTags.Base.Make] = "workflow:{}"
    Image.new("RGB", (8, 8)).save(stream, "WEBP", exif=exif.tobytes())
    assert ask(stream.getvalue())["parameters"]["Seed"] == "5"

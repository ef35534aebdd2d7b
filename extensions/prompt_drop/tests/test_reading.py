"""A dropped file is read by the server: pictures by their metadata, short texts as they are."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from app.testing.web import running_client

INFOTEXT = "a cat\nSteps: 3, Sampler: Euler, Seed: 1"


def picture(**texts: str) -> bytes:
    info = PngInfo()
    for key, text in texts.items():
        info.add_text(key, text)
    stream = BytesIO()
    Image.new("RGB", (8, 8)).save(stream, "PNG", pnginfo=info)
    return stream.getvalue()


@pytest.fixture
def post(make_host: Any) -> Any:
    host = make_host("prompt_drop", "a1111_infotext", "forge_metadata", nowebui=True)
    with running_client(host) as client:

        def send(data: bytes, name: str = "x.png", kind: str = "application/octet-stream") -> Any:
            return client.post("/paintbox/v1/infotext", params={"name": name}, content=data, headers={"Content-Type": kind})

        yield send


def test_a_picture(post: Any) -> None:
    assert post(picture(parameters=INFOTEXT)).json() == {"infotext": INFOTEXT, "software": "A1111", "unread": []}


def test_what_a_reader_could_not_restore_is_told(post: Any) -> None:
    answer = post(picture(parameters=f"{INFOTEXT}, Shift: 3, Version: f2.0.1v1.10.1")).json()
    assert (answer["software"], answer["unread"]) == ("Forge", ["Shift"])


def test_a_short_text_is_taken_as_it_is(post: Any) -> None:
    assert post("夜空\nline".encode(), "p.txt").json() == {"infotext": "夜空\nline", "software": "", "unread": []}


@pytest.mark.parametrize("data", [picture(), b"\x89PNG broken", b"x" * 10_000, bytes(100)])
def test_what_says_nothing_is_named(post: Any, data: bytes) -> None:
    answer = post(data, "holiday.png")
    assert answer.status_code in (400, 422) and "holiday.png" in answer.json()["detail"]


@pytest.mark.parametrize(("name", "kind"), [("bad.png", "a/b"), ("BAD.JPG", "text/plain"), ("bad", "image/png"), ("w.json", "")])
def test_what_is_no_text_file_is_never_put_into_the_prompt_as_it_is(post: Any, name: str, kind: str) -> None:
    answer = post(b"<html>404 Not Found</html>", name, kind)
    assert answer.status_code == 422 and f"{name} cannot be opened as a picture" in answer.json()["detail"]


@pytest.mark.parametrize("name", ["", "prompt", "prompt.txt", "PROMPT.TXT", "prompt.md"])
def test_texts_are_what_calls_itself_so_or_nothing(post: Any, name: str) -> None:
    assert post(b"a boat", name).json()["infotext"] == "a boat"

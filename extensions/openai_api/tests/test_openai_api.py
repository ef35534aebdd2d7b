"""OpenAI's routes as their clients use them: pictures, edits, models, errors, keys."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image, ImageDraw

from app.testing.hosts import temporary_host
from app.testing.web import running_client, with_tiny_worker

GENERATIONS, EDITS = "/v1/images/generations", "/v1/images/edits"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder = tmp_path_factory.mktemp("openai")
    host = temporary_host(folder, ("openai_api", "samplers", "noise_schedules", "img2img", "upscalers"), options={"nowebui": True})
    with_tiny_worker(host, "first.safetensors", "second.safetensors")
    with running_client(host) as running:
        running.host = host
        yield running


def draw(client: Any, **body: Any) -> dict[str, Any]:
    answer = client.post(GENERATIONS, json={"prompt": "a cat", "steps": 2, "size": "64x64", **body})
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


def picture(data: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(data)))


def png(image: Image.Image) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


def error_of(answer: Any) -> dict[str, Any]:
    error: dict[str, Any] = answer.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    return error


def test_pictures_come_as_base64(client: Any) -> None:
    said = draw(client, n=2, seed=7, size="72x64")
    assert [picture(each["b64_json"]).size for each in said["data"]] == [(72, 64), (72, 64)]
    assert [each["seed"] for each in said["data"]] == [7, 8]
    assert (said["size"], said["output_format"], said["model"]) == ("72x64", "png", "first")
    assert [file for folder in client.host.paths.spools for file in folder.rglob("*.png")] == []


def test_pictures_come_as_addresses_that_can_be_fetched(client: Any) -> None:
    for more in ({"response_format": "url"}, {"model": "dall-e-3"}):
        [one] = draw(client, **more)["data"]
        assert one["b64_json"] is None
        assert client.get(one["url"]).headers["content-type"] == "image/png"


def test_the_model_is_a_checkpoint(client: Any) -> None:
    assert draw(client, model="second")["model"] == "second"
    said = draw(client, model="gpt-image-1")
    assert said["model"] == "first" and "gpt-image-1" in said["comments"][0]
    missing = client.post(GENERATIONS, json={"prompt": "x", "model": "third"})
    assert missing.status_code == 404 and error_of(missing)["code"] == "model_not_found"


def test_models_are_listed_and_found(client: Any) -> None:
    said = client.get("/v1/models").json()
    assert said["object"] == "list" and [model["id"] for model in said["data"]] == ["first", "second"]
    assert client.get("/v1/models/second").json()["id"] == "second"
    assert error_of(client.get("/v1/models/third"))["code"] == "model_not_found"


@pytest.mark.parametrize("kind", ["jpeg", "webp"])
def test_the_format_of_the_file_is_as_asked(client: Any, kind: str) -> None:
    [one] = draw(client, output_format=kind, output_compression=70)["data"]
    assert picture(one["b64_json"]).format == kind.upper()


def test_quality_decides_the_steps(client: Any) -> None:
    draw(client, quality="low", steps=None)
    assert client.host.jobs.list(limit=1)[0].request["steps"] == 10


BAD = [
    ({"prompt": ""}, "prompt"),
    ({"n": 11}, "n"),
    ({"n": 0}, "n"),
    ({"size": "big"}, "size"),
    ({"size": "99999x64"}, "size"),
    ({"size": 64}, "size"),
    ({"stream": True}, "stream"),
    ({"background": "transparent"}, "background"),
    ({"response_format": "png"}, "response_format"),
    ({"colour": "red"}, "colour"),
    ({"sampler": "nonsense"}, "sampler"),
]


@pytest.mark.parametrize(("body", "field"), BAD)
def test_what_cannot_be_is_refused_and_named(client: Any, body: dict[str, Any], field: str) -> None:
    answer = client.post(GENERATIONS, json={"prompt": "a cat", "steps": 1, **body})
    error = error_of(answer)
    assert (answer.status_code, error["type"], error["param"]) == (400, "invalid_request_error", field), answer.text


def test_all_errors_below_v1_have_openais_form(client: Any) -> None:
    assert error_of(client.get("/v1/nothing"))["code"] == "not_found"
    broken = client.post(GENERATIONS, content=b'{"prompt": ')
    assert (broken.status_code, error_of(broken)["param"]) == (400, None)
    assert error_of(broken)["message"].startswith("The body is not JSON: ")
    size = error_of(client.post(GENERATIONS, json={"prompt": "a cat", "size": "3x3"}))
    assert size["message"].startswith('size: a size is "auto"')
    assert error_of(client.get(GENERATIONS))["type"] == "invalid_request_error"
    assert client.get("/elsewhere/nothing").json() == {"detail": "Not Found"}


def edit(client: Any, files: dict[str, Any], **fields: Any) -> Any:
    return client.post(EDITS, data={"prompt": "a dog", "steps": "2", **fields}, files=files)


def test_an_edit_draws_what_is_transparent_in_the_mask(client: Any) -> None:
    original = Image.new("RGB", (64, 64), "orange")
    mask = Image.new("RGBA", (64, 64), (0, 0, 0, 255))
    ImageDraw.Draw(mask).rectangle((32, 0, 63, 63), fill=(0, 0, 0, 0))
    for name in ("image", "image[]"):
        answer = edit(client, {name: ("a.png", png(original)), "mask": ("m.png", png(mask))}, strength="1")
        assert answer.status_code == 200, answer.text
        drawn = picture(answer.json()["data"][0]["b64_json"])
        assert drawn.size == (64, 64)
        assert drawn.getpixel((2, 32)) == (255, 165, 0) and drawn.getpixel((60, 32)) != (255, 165, 0)


def test_an_edit_without_a_mask_changes_the_whole_picture(client: Any) -> None:
    answer = edit(client, {"image": ("a.png", png(Image.new("RGB", (72, 64), "orange")))}, n="2")
    assert [picture(each["b64_json"]).size for each in answer.json()["data"]] == [(72, 64)] * 2


def test_edits_that_cannot_be_are_refused(client: Any) -> None:
    whole = png(Image.new("RGB", (64, 64), "orange"))
    cases = [
        (edit(client, {}), "image"),
        (edit(client, {"image": ("a.png", b"no picture")}), "image"),
        (client.post(EDITS, data={"prompt": "x"}, files=[("image[]", ("a", whole)), ("image[]", ("b", whole))]), "image"),
        (edit(client, {"image": ("a.png", whole), "mask": ("m.png", whole)}), "mask"),
        (edit(client, {"image": ("a.png", whole), "mask": ("m.png", png(Image.new("RGBA", (8, 8))))}), "mask"),
        (edit(client, {"image": ("a.png", whole)}, strength="7"), "strength"),
        (client.post(EDITS, json={"prompt": "x"}), "image"),
    ]
    for answer, field in cases:
        assert answer.status_code == 400 and error_of(answer)["param"] == field, answer.text


def test_keys_and_passwords_open_the_api_as_bearer_tokens(tmp_path: Any) -> None:
    flags = {"api-key": ["sk-one", "sk-two"], "api-auth": "me:pw1"}
    host = temporary_host(tmp_path, ("openai_api", "passwords"), options={"nowebui": True, "flags": flags})
    with running_client(host) as client:
        for token, status in (("sk-two", 200), ("me:pw1", 200), ("sk-", 401), ("me:pw2", 401), ("me", 401), ("\u00e4", 401)):
            answer = client.get("/v1/models", headers={"authorization": f"Bearer {token}".encode()})
            assert answer.status_code == status, token
        assert error_of(client.get("/v1/models"))["code"] == "invalid_api_key"
        assert client.get("/v1/models", auth=("me", "pw1")).status_code == 200
        assert client.get("/paintbox/v1/jobs", headers={"authorization": "Bearer sk-one"}).status_code == 200


def test_a_key_closes_the_api_and_not_the_page(tmp_path: Any) -> None:
    host = temporary_host(tmp_path, ("openai_api",), options={"nowebui": True, "flags": {"api-key": ["sk-one"]}})
    with running_client(host) as client:
        assert client.get("/paintbox/v1/jobs").status_code == 401
        assert client.get("/docs").status_code == 200

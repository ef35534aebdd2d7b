"""Memory, unloading, and pictures that are given as addresses."""

from __future__ import annotations

import base64
import io
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

from app.api import DEVICE_MEMORY, Fact
from extensions.a1111_api.tests.conftest import Api, running_api


def test_unloading_and_loading_are_jobs_that_are_waited_for(api: Api) -> None:
    for name, kind in (("reload", "load_checkpoint"), ("unload", "unload_checkpoint")):
        for body in ({"json": {}}, {"content": b'""'}, {}):
            answer = api.client.post(f"/sdapi/v1/{name}-checkpoint", **body)
            assert (answer.status_code, answer.json()) == (200, {})
        assert [(job.kind, job.state) for job in api.host.jobs.list(limit=3)] == [(kind, "done")] * 3
    api.draw()


def test_the_memory_of_the_device_is_as_the_worker_told_it(api: Api) -> None:
    assert api.get("memory").json()["cuda"] == {"error": "unavailable"}
    heard = threading.Event()
    unsubscribe = api.host.jobs.subscribe(lambda event: heard.set() if isinstance(event, Fact) else None)
    told = {"system": {"free": 1, "used": 2, "total": 3}}
    api.worker.sink(Fact(topic=DEVICE_MEMORY, data=told))
    assert heard.wait(30)
    unsubscribe()
    assert api.get("memory").json()["cuda"] == told
    assert set(api.get("memory").json()["ram"]) == {"free", "used", "total"}


@pytest.fixture
def shop() -> Iterator[str]:
    """A server with a picture, a page that leads to it, and nothing else."""
    stream, info = io.BytesIO(), PngImagePlugin.PngInfo()
    info.add_text("parameters", "a cat\nSteps: 3, Sampler: Euler, CFG scale: 7, Seed: 1, Size: 8x8")
    Image.new("RGB", (64, 64), "orange").save(stream, "PNG", pnginfo=info)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = {"/a.png": 200, "/moved": 302}
            self.send_response(known.get(self.path, 404))
            self.send_header("Location", "/a.png")
            self.end_headers()
            self.wfile.write(stream.getvalue())

        def log_message(self, *args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_pictures_are_fetched_from_addresses_only_where_the_settings_allow_it(fresh_api: Api, shop: str) -> None:
    def ask(url: str) -> Any:
        return fresh_api.post("png-info", {"image": url})

    refused = ask(f"{shop}/a.png")
    assert refused.status_code == 422 and "Requests not allowed" in refused.json()["detail"]
    assert fresh_api.post("options", {"api_enable_requests": True}).status_code == 200
    assert not fresh_api.host.settings.get("api_enable_requests")
    fresh_api.host.settings.set({"api_enable_requests": True})
    inside = ask(f"{shop}/a.png")
    assert inside.status_code == 403 and "this machine or its network" in inside.json()["detail"]
    fresh_api.host.settings.set({"api_forbid_local_requests": False})
    assert ask(f"{shop}/a.png").json()["info"].startswith("a cat")
    for path in ("/moved", "/none"):
        assert ask(shop + path).status_code == 422
    assert ask("http://127.0.0.1:9/a.png").status_code == 422


def test_the_routes_of_other_extensions_fetch_where_the_same_settings_allow_it(tmp_path: Path, shop: str) -> None:
    url, model = f"{shop}/a.png", "Prompt from the picture's parameters"
    asked = {
        "interrogate": {"image": url, "model": model},
        "extra-single-image": {"image": url},
        "extra-batch-images": {"imageList": [{"data": url, "name": "a.png"}]},
    }
    with running_api(tmp_path / "data", "extras", "extras_upscale", "upscalers", "infotext_captions") as api:
        for settings, status in (({}, 422), ({"api_enable_requests": True}, 403)):
            api.host.settings.set(settings)
            assert {name: api.post(name, body).status_code for name, body in asked.items()} == dict.fromkeys(asked, status)
        api.host.settings.set({"api_forbid_local_requests": False})
        answers = {name: api.post(name, body).json() for name, body in asked.items()}
    assert answers["interrogate"] == {"caption": "a cat"}
    sent = [answers["extra-single-image"]["image"], *answers["extra-batch-images"]["images"]]
    assert [Image.open(io.BytesIO(base64.b64decode(text))).size for text in sent] == [(64, 64)] * 2


def test_a_picture_as_base64_needs_no_leave(api: Api) -> None:
    stream = io.BytesIO()
    Image.new("RGB", (8, 8)).save(stream, "PNG")
    assert api.post("png-info", {"image": base64.b64encode(stream.getvalue()).decode()}).status_code == 200

"""A host with the Extras tab, its upscale operation and operations for tests; pictures; and a client."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any, ClassVar

import pytest
from PIL import Image, ImageOps
from PIL.PngImagePlugin import PngInfo

from app.api import Params, Run, UserError, hookimpl
from app.testing.hosts import temporary_host
from app.testing.inline import InlineExecutor
from app.testing.web import running_client, with_tiny_worker
from extensions.extras.api import ImageOperation, Picture

INFOTEXT = "a cat\nNegative prompt: dog\nSteps: 20, Sampler: Euler, CFG scale: 7, Seed: 5, Size: 16x16"
EXTENSIONS = ("extras", "extras_upscale", "upscalers", "a1111_infotext")


class InvertParams(Params):
    """Nothing to set but a caption."""

    feature: ClassVar[str] = "invert"

    caption: str = ""


class TestOperations:
    """Operations that other extensions would contribute."""

    @hookimpl
    def register_image_operations(self) -> Iterable[ImageOperation]:
        """One that inverts and captions, and refuses pictures of one pixel."""

        def invert(picture: Picture, params: Any, run: Run) -> Iterable[Picture]:
            if picture.image.size == (1, 1):
                raise UserError("One pixel is too little.")
            return [replace(picture.with_image(ImageOps.invert(picture.image), {"Inverted": "True"}), caption=params.caption)]

        return [ImageOperation(InvertParams, "Invert", 500, invert, "extras_invert")]


@dataclass
class Extras:
    """A running host seen from outside."""

    host: Any
    client: Any
    worker: InlineExecutor
    folder: Path

    def bring(self, data: bytes, name: str = "cat.png") -> dict[str, str]:
        answer = self.client.post("/paintbox/v1/inputs", content=data)
        assert answer.status_code == 201, answer.text
        return {"ref": answer.json()["ref"], "name": name}

    def submit(self, **request: Any) -> Any:
        return self.client.post("/paintbox/v1/jobs", json={"kind": "extras", "source": "extras", "request": request})

    def job(self, **request: Any) -> dict[str, Any]:
        """The ended job."""
        answer = self.submit(**request)
        assert answer.status_code == 202, answer.text
        return self.ended(answer.json()["id"])

    def ended(self, job: str) -> dict[str, Any]:
        with self.client.stream("GET", f"/paintbox/v1/jobs/{job}/events") as stream:
            for _ in stream.iter_lines():
                continue
        known: dict[str, Any] = self.client.get(f"/paintbox/v1/jobs/{job}").json()
        return known

    def picture(self, image: dict[str, Any]) -> Image.Image:
        """A picture of a job, as a client gets it."""
        return opened(self.client.get(image["url"]).content)


def opened(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data))
    image.load()
    return image


def png(size: tuple[int, int] = (16, 16), infotext: str = INFOTEXT, mode: str = "RGB", **texts: str) -> bytes:
    """A gradient as a PNG file."""
    picture = Image.linear_gradient("L").resize(size).convert(mode)
    info, data = PngInfo(), BytesIO()
    for name, text in {**({"parameters": infotext} if infotext else {}), **texts}.items():
        info.add_text(name, text)
    picture.save(data, "PNG", pnginfo=info)
    return data.getvalue()


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Extras]:
    folder = tmp_path_factory.mktemp("extras")
    host = temporary_host(folder, EXTENSIONS)
    host.hooks.register("test_operations", TestOperations())
    worker = with_tiny_worker(host)
    with running_client(host) as client:
        yield Extras(host, client, worker, folder)


@pytest.fixture
def extras(shared: Extras) -> Iterator[Extras]:
    """Each test finds its settings and its folder of results as they were at first."""
    yield shared
    shared.worker.hold.set()
    shared.worker.free_checks = 0
    shared.host.settings.set({}, tuple(shared.host.settings.changed()))
    shutil.rmtree(shared.folder / "outputs", ignore_errors=True)

"""A worker's host with image to image and a tiny checkpoint, and pictures to begin with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image

from app.api import GenerationRequest, JobResult, draw_request
from app.testing.drawing import put_picture, tiny_host
from app.testing.runs import RecordingRun, ScriptedControl

Pixels = Any


class Studio:
    """Draws with a host; ``run`` is that of the newest drawing."""

    def __init__(self, host: Any) -> None:
        self.host = host
        self.run: RecordingRun | None = None

    def put(self, image: Image.Image) -> str:
        """Take in a picture; returns its ref."""
        return put_picture(self.host, image)

    def draw(
        self, *pictures: Image.Image, mask: Image.Image | None = None, control: ScriptedControl | None = None, **fields: Any
    ) -> JobResult:
        """Draw from pictures; ``fields`` are the request's, or those of the feature's params in ``img2img``."""
        params = {"init_images": [self.put(picture) for picture in pictures], **fields.pop("img2img", {})}
        if mask is not None:
            params["mask"] = self.put(mask)
        self.run = RecordingRun(self.host, None, control)
        others = fields.pop("params", {})
        values = {"prompt": "tree", "seed": 7, "steps": 4, "sampler": "Euler", **fields, "params": {**others, "img2img": params}}
        return draw_request(GenerationRequest(**values), self.run)

    def pixels(self, *pictures: Image.Image, **more: Any) -> Pixels:
        """The first picture drawn, as integers (H, W, 3)."""
        return pixels_of(self.draw(*pictures, **more))


def pixels_of(result: JobResult, index: int = 0) -> Pixels:
    """A picture of a result, as integers (H, W, 3)."""
    return np.asarray(Image.open(result.images[index].path).convert("RGB")).astype(int)


def noisy(width: int = 64, height: int = 64, seed: int = 0) -> Image.Image:
    """A picture in which every pixel is different."""
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8))


def box_mask(box: tuple[int, int, int, int], size: tuple[int, int] = (64, 64)) -> Image.Image:
    """White in a box."""
    mask = Image.new("L", size)
    mask.paste(255, box)
    return mask


@pytest.fixture
def make_studio(tmp_path: Any) -> Callable[..., Studio]:
    def make(*extensions: str, **options: Any) -> Studio:
        return Studio(tiny_host(tmp_path, "img2img", *extensions, **options))

    return make


@pytest.fixture
def studio(make_studio: Callable[..., Studio]) -> Studio:
    return make_studio()

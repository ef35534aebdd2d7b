"""Cells of scripts that draw pictures made on the way: what they are asked, and what came of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from PIL import Image

from app.api import CellResult, GenerationRequest, SavedImage, ScriptTask, UserError, open_image
from extensions.img2img.params import Img2ImgParams

ON_THE_WAY = {"samples_format": "png", "save_init_img": False}
"""Settings of the cells' requests: nothing is lost, and no picture is kept."""


def cell_request(
    task: ScriptTask, start: Img2ImgParams, pictures: Sequence[Image.Image], seed: int, **changes: object
) -> GenerationRequest:
    """The request that draws ``pictures``, all of one size, anew in one batch; ``changes`` are further fields of ``start``."""
    request, given = task.with_seeds(), tuple(task.take_in(picture) for picture in pictures)
    own = start.model_copy(update={"init_images": given, "scale": None, "resize_mode": 0, **changes})
    return request.model_copy(
        update={
            "seed": seed,
            "width": pictures[0].width,
            "height": pictures[0].height,
            "batch_count": 1,
            "batch_size": len(pictures),
            "save": "spool",
            "params": {**request.params, Img2ImgParams.feature: own.model_dump(mode="json")},
            "settings": {**request.settings, **{key: value for key, value in ON_THE_WAY.items() if key in task.settings}},
        }
    )


def drawn_picture(result: CellResult, place: int = 0) -> Image.Image | None:
    """Picture number ``place`` of a cell ("RGB"); None where there is none (any more)."""
    path = Path(result.samples[place].path) if place < len(result.samples) else None
    return open_image(path).image.convert("RGB") if path is not None and path.is_file() else None


def first_sample(results: Iterable[CellResult]) -> SavedImage | None:
    """The first picture of all cells; None where nothing was drawn."""
    return next((result.samples[0] for result in results if result.samples), None)


def start_picture(picture: Image.Image | None) -> Image.Image:
    """What ``first_picture`` gave; raises UserError where it could not know whose picture it is."""
    if picture is None:
        raise UserError("There is no picture to start from.", field="init_images")
    return picture

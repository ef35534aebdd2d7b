"""After drawing: colours are matched, and what was not to be drawn is put back pixel by pixel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PIL import Image

from app.api import RunImage
from extensions.img2img.api import MaskBlender
from extensions.img2img.masks import kept_part, to_place
from extensions.img2img.state import Img2ImgJob


def finish_images(images: Sequence[RunImage], job: Img2ImgJob, blender: MaskBlender | None) -> list[RunImage]:
    """The decoded pictures of a batch, in its order, as they are saved."""
    return [replace(item, image=_finished(item, place, job, blender)) for place, item in enumerate(images)]


def _finished(item: RunImage, place: int, job: Img2ImgJob, blender: MaskBlender | None) -> Image.Image:
    image, picture = item.image, job.pictures[job.number_of(item.index)]
    if job.settings.img2img_color_correction:
        from extensions.img2img.colors import match_colors

        image = match_colors(image, picture.shown)
    kept = picture.kept
    if kept is not None and job.settings.overlay_inpaint:
        soft = blender.pixel_mask(place, image.width, image.height) if blender else None
        area = job.mask.area if job.mask else None
        if soft is not None:
            kept = kept_part(picture.whole, to_place(soft, picture.whole.size, area) if area else soft)
        image = _under(kept, to_place(image, picture.whole.size, area) if area else image)
    return image.crop((0, 0, *job.crop_to)) if job.crop_to else image


def _under(kept: Image.Image, drawn: Image.Image) -> Image.Image:
    """What was drawn, with ``kept`` ("RGBA") of the same size laid over it."""
    laid = drawn.convert("RGBA")
    laid.alpha_composite(kept)
    return laid.convert("RGB")

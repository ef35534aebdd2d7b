"""The pictures and masks of a request, read and brought to size: everything about the start that needs no model."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import md5
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from app.api import OpenedImage, Run, UserError, open_image
from extensions.img2img.blur import blur_mask
from extensions.img2img.masks import (
    area_around,
    blended_sketch,
    doubled,
    fill,
    kept_part,
    mask_of,
    painted_mask,
)
from extensions.img2img.params import Img2ImgParams, Img2ImgSettings
from extensions.img2img.resizing import Enlarge, ResizeMode, Size, lanczos, resize
from extensions.img2img.state import GIVEN_FILES, StartMask, StartPicture

ORIGINAL = 1
"""Masked content that leaves the picture as it is."""


@dataclass(frozen=True)
class Given:
    """What the user gave: ``opened`` as it came, the checksums of its pixels, and the mask ("L") before inverting and blurring.

    ``pictures`` ("RGB"): with transparency filled, painted over, extended.
    """

    opened: tuple[OpenedImage, ...]
    pictures: tuple[Image.Image, ...]
    md5s: tuple[str, ...]
    mask: Image.Image | None


def read_given(params: Img2ImgParams, settings: Img2ImgSettings, run: Run, *, rounds_mask: bool) -> Given:
    """Open everything that the request names; raises UserError that names the field.

    ``rounds_mask``: a mask of transparency is black or white.
    """
    opened = tuple(_open(ref, run, "init_images") for ref in params.init_images)
    pictures = [flatten(each.image, settings.img2img_background_color) for each in opened]
    mask = mask_of(_open(params.mask, run, "mask").image, rounds=rounds_mask) if params.mask else None
    if params.sketch:
        sketch = flatten(_open(params.sketch, run, "sketch").image, settings.img2img_background_color)
        if sketch.size != pictures[0].size:
            raise UserError(
                f"The painted-over picture has {sketch.width}x{sketch.height} pixels.",
                hint=f"Give one of the same size as the picture, {pictures[0].width}x{pictures[0].height}.",
                field="sketch",
            )
        mask = painted_mask(sketch, pictures[0], params.mask_transparency)
        pictures[0] = blended_sketch(sketch, pictures[0], mask, params.mask_blur_x)
    md5s = tuple(md5(each.image.tobytes(), usedforsecurity=False).hexdigest() for each in opened)
    return Given(opened, tuple(pictures), md5s, mask)


def flatten(image: Image.Image, background: str) -> Image.Image:
    """The picture in "RGB", with its transparent parts in a colour (#rrggbb)."""
    if image.mode in ("I", "F"):
        return Image.fromarray(np.clip(np.asarray(image) / 256, 0, 255).astype(np.uint8)).convert("RGB")
    if image.mode not in ("RGBA", "LA", "PA"):
        return image.convert("RGB")
    image = image.convert("RGBA")
    canvas = Image.new("RGB", image.size, background)
    canvas.paste(image.convert("RGB"), mask=image.getchannel("A"))
    return canvas


def _open(ref: str, run: Run, field: str) -> OpenedImage:
    try:
        return open_image(_file(ref, run))
    except UserError as error:
        raise UserError(error.what, hint=error.hint, field=field, status=error.status) from error


def _file(ref: str, run: Run) -> Path:
    files = run.stash.get(GIVEN_FILES, {})
    if ref in files:
        return files[ref]
    found: Path = run.host.inputs.find(ref, run.job.owner)
    return found


def start_mask(mask: Image.Image, params: Img2ImgParams, picture: Size, target: Size) -> StartMask | None:
    """The mask as drawing needs it; None when its surroundings are to be drawn and there is nothing in it.

    ``picture``: size of the picture, ``target``: of the drawing.
    """
    if params.inpainting_mask_invert and not params.outpaints:
        mask = ImageOps.invert(mask)
    mask = blur_mask(mask, params.mask_blur_x, params.mask_blur_y)
    if not params.inpaint_full_res or params.outpaints:
        drawn = resize(mask, target, ResizeMode(params.resize_mode))
        return StartMask(drawn, doubled(drawn), None)
    if mask.size != picture:
        mask = resize(mask, picture, ResizeMode.STRETCH)
    area = area_around(mask, params.inpaint_full_res_padding, target)
    if area is None:
        return None
    return StartMask(resize(mask.crop(area), target, ResizeMode.FILL), mask, area)


@dataclass(frozen=True)
class Target:
    """What is drawn: its size, and how pictures are brought to it."""

    size: Size
    mode: ResizeMode
    enlarge: Enlarge = lanczos


def start_picture(image: Image.Image, checksum: str, mask: StartMask | None, params: Img2ImgParams, target: Target) -> StartPicture:
    """One picture as it is drawn from, and what of it is laid over the result."""
    area = mask.area if mask else None
    if area:
        whole, shown = image, resize(image.crop(area), target.size, ResizeMode.FILL, target.enlarge)
    elif target.mode is ResizeMode.LATENT:
        whole, shown = lanczos(image, target.size), image
    else:
        whole = shown = resize(image, target.size, target.mode, target.enlarge)
    if mask is None:
        return StartPicture(whole, shown, None, checksum)
    if params.inpainting_fill != ORIGINAL:
        shown = fill(shown, mask.drawn if mask.drawn.size == shown.size else resize(mask.drawn, shown.size, ResizeMode.STRETCH))
    return StartPicture(whole, shown, kept_part(whole, mask.pixels), checksum)

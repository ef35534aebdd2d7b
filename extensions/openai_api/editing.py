"""The pictures of an edit: taken in, and the mask turned from OpenAI's (transparent is drawn anew) into ours (white is drawn anew)."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from PIL import Image, ImageOps

from app.api import Json, UserError, open_image

if TYPE_CHECKING:
    from app.api import Host

FEATURE = "img2img"
ORIGINAL_CONTENT = 1


def edit_params(image: bytes, mask: bytes | None, strength: float, owner: str, host: Host) -> dict[str, dict[str, Json]]:
    """The parameters that begin with the picture; raises UserError that names the field."""
    if FEATURE not in host.params:
        raise UserError("Pictures cannot be edited: no installed extension begins with a picture.", field="image", status=501)
    picture = open_image(image, "image").image
    holes = _holes(open_image(mask, "mask").image, "mask") if mask is not None else _holes(picture, "")
    if holes is not None and holes.size != picture.size:
        raise UserError(f"mask: its size {holes.size} is not that of the image {picture.size}.", field="mask")
    params: dict[str, Json] = {
        "init_images": [host.inputs.put(image, owner, "image").ref],
        "denoising_strength": strength,
        "inpainting_fill": ORIGINAL_CONTENT,
        "inpaint_full_res": False,
    }
    if holes is not None:
        params["mask"] = host.inputs.put(_png(holes), owner, "mask").ref
    return {FEATURE: params}


def size_of(image: bytes) -> tuple[int, int]:
    """(width, height) in whole steps of the latent, for an edit that names no size."""
    width, height = open_image(image, "image").image.size
    return max(64, width - width % 8), max(64, height - height % 8)


def _holes(picture: Image.Image, field: str) -> Image.Image | None:
    """Where the picture is transparent, white; None where it is not, which a mask has to be."""
    has_alpha = "A" in picture.getbands() or "transparency" in picture.info
    alpha = picture.convert("RGBA").getchannel("A") if has_alpha else None
    if alpha is None or alpha.getextrema()[0] == 255:
        if field:
            raise UserError(f"{field}: nothing in it is transparent, so nothing would be drawn anew.", field=field)
        return None
    return ImageOps.invert(alpha)


def _png(picture: Image.Image) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, "PNG")
    return stream.getvalue()

"""The picture that scripts work on: the first one that a request starts from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PIL import Image, ImageColor

from app.api import Json, NotFoundError, UserError, open_image
from extensions.img2img.params import Img2ImgParams

if TYPE_CHECKING:
    from app.api import Host

BACKGROUND = "img2img_background_color"


def first_picture(params: Img2ImgParams, host: Host, owner: str, settings: Mapping[str, Json]) -> Image.Image | None:
    """The picture ("RGB"), on the background of the settings where it is transparent; raises UserError where there is none.

    None while the web process only checks a request and cannot know whose picture it is.
    """
    if not params.init_images:
        raise UserError("There is no picture to start from.", hint="Give one in img2img.", field="init_images")
    try:
        image = open_image(host.inputs.find(params.init_images[0], owner)).image
    except NotFoundError:
        if host.role == "web":
            return None
        raise
    if image.mode not in ("RGBA", "LA", "PA"):
        return image.convert("RGB")
    below = Image.new("RGBA", image.size, ImageColor.getrgb(str(settings.get(BACKGROUND) or "#ffffff")))
    return Image.alpha_composite(below, image.convert("RGBA")).convert("RGB")

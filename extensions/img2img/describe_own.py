"""What infotexts say that A1111 leaves out although it changes pictures: under labels of our own, where it is set and matters."""

from __future__ import annotations

from PIL import Image

from app.api import PlanInfo
from extensions.img2img.params import OUTPAINT, RESIZE_MODES, SIDES, Img2ImgParams, Img2ImgSettings
from extensions.img2img.prepare import Given
from extensions.img2img.resizing import Size
from extensions.img2img.state import StartMask

OPAQUE = 255
YES, NO = "True", "False"


def own_items(
    params: Img2ImgParams, settings: Img2ImgSettings, given: Given, size: Size, mask: StartMask | None, *, blends: bool
) -> PlanInfo:
    """The items of all pictures of a job; ``size`` is that of the drawing, ``blends``: by another blender, which has masks not rounded."""
    is_resized = (mask is None or mask.area is None) and any(image.size != size for image in given.pictures)
    shows_background = any(is_transparent(each.image) for each in given.opened)
    return {
        "Resize mode": RESIZE_MODES[params.resize_mode] if params.resize_mode and is_resized else None,
        "Background color": _changed(settings, "img2img_background_color") if shows_background else None,
        "Exact steps": YES if settings.img2img_fix_steps and params.denoising_strength < 1 else None,
        "Color correction": YES if settings.img2img_color_correction else None,
        **({} if mask is None else _mask_items(params, settings, blends=blends)),
        OUTPAINT: outpainted(params),
    }


def _mask_items(params: Img2ImgParams, settings: Img2ImgSettings, *, blends: bool) -> PlanInfo:
    return {
        "Mask blur y": params.mask_blur_y if params.mask_blur_y != params.mask_blur_x else None,
        "Round mask": NO if not params.mask_round and not blends else None,
        "Mask transparency": f"{params.mask_transparency:g}" if params.sketch and params.mask_transparency else None,
        "Overlay original": NO if not settings.overlay_inpaint else None,
    }


def outpainted(params: Img2ImgParams) -> str | None:
    """ "left 64, up 32": how far the canvas was extended."""
    sides = {side: getattr(params, f"outpaint_{side}") for side in SIDES}
    return ", ".join(f"{side} {pixels}" for side, pixels in sides.items() if pixels) or None


def is_transparent(image: Image.Image) -> bool:
    """True when the background can be seen through some of its pixels."""
    return image.mode in ("RGBA", "LA", "PA") and image.getchannel("A").getextrema() != (OPAQUE, OPAQUE)


def _changed(settings: Img2ImgSettings, name: str) -> str | None:
    value = getattr(settings, name)
    return None if value == Img2ImgSettings.model_fields[name].default else str(value)

"""The modes of the img2img tab: what each starts from, and the ids under which A1111's users know it."""

from __future__ import annotations

from dataclasses import dataclass

FORM = "img2img"
"""The id of the tab's form."""
INPAINT_CLASS = "inpaint-only"
"""What has this class is seen in the modes that inpaint alone."""
BASE, MASK = "img_inpaint_base", "img_inpaint_mask"


@dataclass(frozen=True)
class Mode:
    """``canvas`` is the element of its picture; ``paints`` what is painted on it: nothing, a mask or colours; ``brush`` the setting with
    the colour of the brush."""

    id: str
    title: str
    tab: str
    canvas: str
    label: str
    paints: str = "picture"
    extends: bool = False
    inpaints: bool = False
    brush: str = ""


MODES = (
    Mode("img2img", "img2img", "img2img_img2img_tab", "img2img_image", "Image for img2img", extends=True),
    Mode(
        "sketch",
        "Sketch",
        "img2img_img2img_sketch_tab",
        "img2img_sketch",
        "Image to sketch on",
        "colour",
        brush="img2img_sketch_default_brush_color",
    ),
    Mode(
        "inpaint",
        "Inpaint",
        "img2img_inpaint_tab",
        "img2maskimg",
        "Image for inpainting with mask",
        "mask",
        extends=True,
        inpaints=True,
        brush="img2img_inpaint_mask_brush_color",
    ),
    Mode(
        "inpaint_sketch",
        "Inpaint sketch",
        "img2img_inpaint_sketch_tab",
        "inpaint_sketch",
        "Image to inpaint on",
        "colour",
        inpaints=True,
        brush="img2img_inpaint_sketch_default_brush_color",
    ),
)
"""Those with one canvas, between which pictures can be copied."""
UPLOAD = Mode("inpaint_upload", "Inpaint upload", "img2img_inpaint_upload_tab", BASE, "Image for inpainting", inpaints=True)
BATCH = Mode("batch", "Batch", "img2img_batch_tab", "", "")
CANVAS_MODES = (*MODES, UPLOAD)
ALL_MODES = (*CANVAS_MODES, BATCH)


def mode_named(name: object) -> Mode:
    """The mode; the first one if there is none of that name."""
    return next((mode for mode in ALL_MODES if mode.id == name), MODES[0])

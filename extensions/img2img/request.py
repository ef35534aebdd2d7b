"""Turns what stands in the img2img form into a request: for one picture, or for a whole batch of them."""

from __future__ import annotations

import json
from collections.abc import Mapping

from app.api import Json, UserError
from extensions.generation_form.api import make_request
from extensions.image_canvas.api import field_key
from extensions.img2img.modes import BATCH, MASK, Mode, mode_named

FEATURE = "img2img"
MODE = "mode"
"""Form key: the id of the open mode."""
RESIZE_TAB = "resize_tab"
"""Form key: "to" or "by"."""
IMAGE_CFG_SHOWN = "image_cfg_shown"
"""Form key: not empty while the checkpoint is guided by the picture as well."""
MASK_BLUR = "params.img2img.mask_blur_x"
"""Form key of the one slider for both axes; it is the field that an infotext restores."""
ALWAYS = ("resize_mode", "denoising_strength")
INPAINTING = ("inpainting_mask_invert", "inpainting_fill", "inpaint_full_res", "inpaint_full_res_padding")
BATCH_SOURCE = "batch.source"
"""Form key: "upload" or "dir"."""
BATCH_FOLDERS = ("input_dir", "output_dir", "mask_dir")
BATCH_PNG_INFO = ("use_png_info", "png_info_dir", "png_info_fields")
GENERATE, GENERATE_BATCH = "generate", "img2img_batch"
SIDES = ("left", "right", "up", "down")


def kind_of(values: Mapping[str, Json]) -> str:
    """Which kind of job the form asks for."""
    return GENERATE_BATCH if values.get(MODE) == BATCH.id else GENERATE


def make_img2img_request(values: Mapping[str, Json]) -> dict[str, Json]:
    """The request for the form's values, of the kind that ``kind_of`` names; raises UserError for a picture or mask that is missing."""
    request = make_request(values)
    mode = mode_named(values.get(MODE))
    batch = _batch(values) if mode is BATCH else {}
    typed = {key.rpartition(".")[2]: value for key, value in values.items() if key.startswith(f"params.{FEATURE}.")}
    wanted: dict[str, Json] = {key: typed[key] for key in ALWAYS if key in typed}
    wanted.update({} if mode is BATCH else _start(mode, values))
    if mode.inpaints or batch.get("mask_dir"):
        wanted.update({key: typed[key] for key in INPAINTING if key in typed})
        wanted.update({f"mask_blur_{axis}": values[MASK_BLUR] for axis in "xy" if MASK_BLUR in values})
    if mode.id == "inpaint_sketch" and "mask_transparency" in typed:
        wanted["mask_transparency"] = typed["mask_transparency"]
    if values.get(RESIZE_TAB) == "by":
        wanted["scale"] = typed.get("scale")
    if values.get(IMAGE_CFG_SHOWN):
        wanted["image_cfg_scale"] = typed.get("image_cfg_scale")
    params = request["params"]
    assert isinstance(params, dict)
    request = {**request, "params": {**params, FEATURE: wanted}}
    return {**batch, "request": request} if batch else request


def _batch(values: Mapping[str, Json]) -> dict[str, Json]:
    """What the batch consists of; raises UserError when that is nothing."""
    info: dict[str, Json] = {key: values[f"batch.{key}"] for key in BATCH_PNG_INFO if f"batch.{key}" in values}
    if values.get(BATCH_SOURCE) == "dir":
        folders: dict[str, Json] = {key: str(values.get(f"batch.{key}") or "").strip() for key in BATCH_FOLDERS}
        if not folders["input_dir"]:
            raise UserError("There is no folder to take pictures from.", hint="Name one as the input directory.", field="input_dir")
        return {**folders, **info}
    uploads = json.loads(str(values.get("batch.uploads") or "[]"))
    if not uploads:
        raise UserError("There is no picture to start from.", hint="Put some into the tab Batch.", field="uploads")
    return {"uploads": uploads, **info}


def _start(mode: Mode, values: Mapping[str, Json]) -> dict[str, Json]:
    """Pictures and masks of a mode."""
    picture, painted = (str(values.get(field_key(mode.canvas, field)) or "") for field in ("picture", "painted"))
    if not picture:
        raise UserError("There is no picture to start from.", hint=f"Put one into the tab {mode.title}.", field="init_images")
    sides = _sides(mode, values)
    if mode.id == "sketch":
        return {"init_images": [painted or picture]}
    if mode.id == "inpaint_upload":
        painted = str(values.get(field_key(MASK, "picture")) or "")
        if not painted:
            raise UserError("There is no mask.", hint="Put one into the lower field: white is drawn anew.", field="mask")
    elif mode.inpaints and not painted and not sides:
        raise UserError(
            "Nothing is painted on the picture.",
            hint="Paint over what is to be drawn anew, or use the tab img2img for the whole picture.",
            field="mask",
        )
    named = {"sketch" if mode.id == "inpaint_sketch" else "mask": painted} if mode.inpaints and painted else {}
    return {"init_images": [picture], **named, **sides}


def _sides(mode: Mode, values: Mapping[str, Json]) -> dict[str, Json]:
    """By how many pixels the picture is extended at each side; sides that are not are left out."""
    written = str(values.get(field_key(mode.canvas, "extend")) or "").split(",") if mode.extends else []
    if len(written) != len(SIDES) or not all(side.isdigit() for side in written):
        return {}
    return {f"outpaint_{side}": int(px) for side, px in zip(SIDES, written, strict=True) if int(px)}

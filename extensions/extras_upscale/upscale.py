"""Enlarges a picture by a factor or to a size, with one upscaler or two that are mixed."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from PIL import Image

from app.api import Run, Upscaler, UserError, upscale_by
from extensions.extras.api import Picture
from extensions.extras_upscale.cache import CACHE, Key, key_of
from extensions.extras_upscale.params import NONE, TO, UpscaleParams

if TYPE_CHECKING:
    from app.api import Host

LANCZOS = Image.Resampling.LANCZOS
MOST_PIXELS = 178_956_970
"""As many as a picture that is opened again may have."""


def check(params: UpscaleParams, host: Host) -> None:
    """Raise UserError for upscalers that there are not, or that enlarge no pictures."""
    for field in ("upscaler_1", "upscaler_2"):
        name = getattr(params, field)
        if name == NONE:
            continue
        upscaler = host.upscalers.find(name)
        if upscaler is None:
            there = [NONE, *(each.name for each in host.upscalers if each.pixel is not None and each.name != NONE)]
            near = difflib.get_close_matches(name, there, n=1, cutoff=0.5)
            hint = f"Did you mean {near[0]!r}?" if near else f"There are: {', '.join(there)}."
            raise UserError(host.upscalers.missing(name).what, hint=hint, field=field)
        if upscaler.pixel is None:
            raise UserError(f"The upscaler {name!r} enlarges latents and no pictures.", hint="Choose another one.", field=field)


def prepare(picture: Picture, params: UpscaleParams, host: Host) -> Picture:
    """The size that is asked for, for operations that cut to it."""
    return replace(picture, target_px=target_size(picture.image.size, params))


def target_size(size: tuple[int, int], params: UpscaleParams) -> tuple[int, int]:
    """Width and height in pixels; raises UserError where they, or what is cut to them, would be more than a picture may have."""
    factor = factor_of(size, params)
    whole = (max(1, int(size[0] * factor)), max(1, int(size[1] * factor)))
    if whole[0] * whole[1] > MOST_PIXELS:
        field = "width" if params.resize_mode == TO else "resize"
        what = f"{whole[0]}x{whole[1]} is more than {MOST_PIXELS:,} pixels."
        if params.resize_mode == TO and params.crop:
            what = f"{whole[0]}x{whole[1]}, what it is cut from, is more than {MOST_PIXELS:,} pixels."
        raise UserError(what, hint="Enlarge it less.", field=field)
    return (params.width, params.height) if params.resize_mode == TO else whole


def factor_of(size: tuple[int, int], params: UpscaleParams) -> float:
    """How many times as large the sides become."""
    if params.resize_mode == TO:
        return max(params.width / size[0], params.height / size[1])
    longest, limit = max(size), params.max_side_length
    return limit / longest if limit and longest * params.resize > limit else params.resize


def enlarge(picture: Picture, params: UpscaleParams, run: Run) -> Iterable[Picture]:
    """The enlarged picture, with what was done to it."""
    check(params, run.host)
    target_size(picture.image.size, params)
    first, second = (run.host.upscalers.find(name) if name != NONE else None for name in (params.upscaler_1, params.upscaler_2))
    if first is None:
        run.comment("Upscaler 1 is None: nothing was enlarged.")
        return [picture]
    image = _by_one(picture.image, first, params, run)
    if second is not None and params.upscaler_2_visibility > 0:
        image = Image.blend(image, _by_one(picture.image, second, params, run), params.upscaler_2_visibility)
    else:
        second = None
    tag = first.name if run.settings.get("use_upscaler_name_as_suffix") else ""
    return [picture.with_image(image, _facts(picture.image.size, params, first, second), tag)]


def _by_one(image: Image.Image, upscaler: Upscaler, params: UpscaleParams, run: Run) -> Image.Image:
    cache, key = run.host.stash[CACHE], key_of(image, upscaler, params, run.settings)
    found = cache.get(key)
    return found if found is not None else _computed(image, upscaler, params, run, key)


def _computed(image: Image.Image, upscaler: Upscaler, params: UpscaleParams, run: Run, key: Key) -> Image.Image:
    made = upscale_by(image, factor_of(image.size, params), upscaler, run)
    if params.resize_mode == TO and params.crop:
        made = cropped(made, (params.width, params.height))
    limit = run.settings.get("upscaling_max_images_in_cache")
    run.host.stash[CACHE].put(key, made, limit if isinstance(limit, int) else 0)
    return made


def cropped(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The middle of the picture in exactly this size, enlarged a little where it does not fill it."""
    factor = max(size[0] / image.width, size[1] / image.height)
    if factor > 1:
        image = image.resize((math.ceil(image.width * factor), math.ceil(image.height * factor)), LANCZOS)
    left, top = (image.width - size[0]) // 2, (image.height - size[1]) // 2
    return image.crop((left, top, left + size[0], top + size[1]))


def _facts(size: tuple[int, int], params: UpscaleParams, first: Upscaler, second: Upscaler | None) -> dict[str, str | int | float]:
    """A1111's items."""
    facts: dict[str, str | int | float] = {}
    if params.resize_mode == TO:
        facts["Postprocess upscale to"] = f"{params.width}x{params.height}"
        if params.crop:
            facts["Postprocess crop to"] = f"{params.width}x{params.height}"
    else:
        factor = factor_of(size, params)
        facts["Postprocess upscale by"] = int(factor) if float(factor).is_integer() else round(factor, 6)
        if factor != params.resize:
            facts["Max side length"] = params.max_side_length
    facts["Postprocess upscaler"] = first.name
    if second is not None:
        facts["Postprocess upscaler 2"] = second.name
    return facts

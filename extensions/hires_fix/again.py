"""A finished picture gets its second pass: the same result as if hires fix had been on from the start.

The request of its job is drawn again for it alone. Where the finished picture is, bit by bit, what the first pass would give, and the
upscaler enlarges pictures, it stands for the first pass. Upscalers of latents need more than its eight bits.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from app.api import GenerationPlan, ImagePlan, Json, Run, SavedImage, ShownPicture, UserError, open_image, picture_checksum
from extensions.hires_fix.params import HiresParams
from extensions.hires_fix.plan import params_of, without

if TYPE_CHECKING:
    from app.api import Host

logger = logging.getLogger(__name__)
PREFIX = f"params.{HiresParams.feature}."


def upscaled(shown: ShownPicture, host: Host) -> dict[str, Json]:
    """The request of the picture's job for this picture alone, with the second pass as typed into the form."""
    hires = {key.removeprefix(PREFIX): value for key, value in shown.values.items() if key.startswith(PREFIX)}
    params = shown.request.get("params")
    own = {**hires, **_taken_in(shown, host), "enabled": True}
    return {
        **shown.request,
        "prompt": shown.picture.prompt,
        "negative_prompt": shown.picture.negative_prompt,
        "styles": [],
        "seed": shown.picture.seed,
        "subseed": shown.picture.subseed,
        "batch_count": 1,
        "batch_size": 1,
        "params": {**(params if isinstance(params, dict) else {}), HiresParams.feature: own},
    }


def _taken_in(shown: ShownPicture, host: Host) -> dict[str, Json]:
    """The picture's file where it may stand for the first pass: a worker finds it among the user's pictures."""
    picture: SavedImage = shown.picture
    if not picture.drawn_as:
        return {}
    try:
        ref = host.inputs.put(Path(picture.path).read_bytes(), shown.owner).ref
    except (OSError, UserError) as error:
        logger.info("%s is drawn again: %s", Path(picture.path).name, error)
        return {}
    return {"first_picture": ref, "first_drawn_as": picture.drawn_as}


def first_picture(plan: GenerationPlan, images: Sequence[ImagePlan], run: Run) -> Image.Image | None:
    """The finished picture that the request brought, if the first pass of this plan would draw exactly it; else None."""
    params = params_of(plan)
    upscaler = run.host.upscalers.find(params.upscaler)
    if not params.first_picture or len(images) != 1 or upscaler is None or upscaler.pixel is None:
        return None
    try:
        picture = open_image(run.host.inputs.find(params.first_picture, run.job.owner)).image
    except UserError as error:
        logger.info("The first pass is drawn: %s", error)
        return None
    one_pass = without(plan).model_copy(update={"later": ()})
    is_it = picture.mode == "RGB" and picture_checksum(picture, images[0], one_pass, run) == params.first_drawn_as
    return picture if is_it else None

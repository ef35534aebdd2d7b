"""Draws each picture of a folder in a run of its own, and goes on when one of them fails."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from pathlib import Path

from app.api import (
    RANDOM_SEEDS,
    GenerationRequest,
    GivenPicture,
    JobResult,
    Json,
    RandomSeed,
    Run,
    SavedImage,
    UserError,
    draw_request,
    given_pictures,
    pictures_in,
)
from extensions.img2img.batch_info import drawn_in, joined
from extensions.img2img.batch_kind import OUTPUT_SETTING, Img2ImgBatch
from extensions.img2img.batch_part import PictureRun
from extensions.img2img.batch_png_info import with_png_info
from extensions.img2img.batch_shown import shown
from extensions.img2img.params import Img2ImgParams
from extensions.img2img.state import GIVEN_FILES

INIT, MASK = "file:picture", "file:mask"


def draw_batch(batch: Img2ImgBatch, run: Run) -> JobResult:
    """Draw every picture; raises UserError when there is none, or when all of them failed for the same kind of reason."""
    inputs, masks = given_pictures(batch, run, deep=True), _masks_of(batch, run)
    seed = secrets.randbelow(RANDOM_SEEDS) if batch.request.seed == RandomSeed else batch.request.seed
    template = batch.request.model_copy(update={"seed": seed})
    images: list[SavedImage] = []
    infos: list[Mapping[str, Json]] = []
    failures: list[str] = []
    comments: list[str] = []
    alerts: list[str] = []
    stopped = ""
    for number, item in enumerate(inputs):
        part = PictureRun(run, number, len(inputs), drawn_in(infos))
        try:
            mask = _mask_for(item, masks) if masks else None
            result = _draw(item, mask, with_png_info(template, batch, item.path, item.name, part), part, batch)
        except UserError as error:
            failures.append(f"{item.name}: {error}")
            continue
        images += [part.counted_on(image) for image in result.images]
        infos.append(result.info)
        comments += [f"{item.name}: {comment}" for comment in (*part.comments, *result.comments)]
        alerts += [f"{item.name}: {alert}" for alert in result.alerts]
        stopped = result.stopped
        if stopped == "interrupt" or run.control.stop_after_batch:
            break
    if failures and not images:
        raise UserError(f"No picture could be drawn. {failures[0]}", field="input_dir")
    info = {**joined(infos), "failed": list[Json](failures), "seed": seed}
    listed, told = shown(images, run)
    ended = "interrupt" if stopped == "interrupt" else ""
    return JobResult(images=listed, comments=(*comments, *failures, *told), alerts=tuple(alerts), info=info, stopped=ended)


def _draw(item: GivenPicture, mask: Path | None, request: GenerationRequest, part: PictureRun, batch: Img2ImgBatch) -> JobResult:
    """One run with the picture in place of what the request starts from."""
    part.tell(item.name)
    given: dict[str, Path] = {INIT: item.path, **({MASK: mask} if mask else {})}
    part.stash[GIVEN_FILES] = given
    own: Mapping[str, Json] = request.params.get(Img2ImgParams.feature, {})
    params: dict[str, Json] = {**own, "init_images": [INIT], **({"mask": MASK} if mask else {})}
    settings = {**request.settings, **_naming(item, request, batch)}
    try:
        return draw_request(
            request.model_copy(update={"params": {**request.params, Img2ImgParams.feature: params}, "settings": settings}), part
        )
    finally:
        del part.stash[GIVEN_FILES]


def _naming(item: GivenPicture, request: GenerationRequest, batch: Img2ImgBatch) -> dict[str, Json]:
    """Settings by which results lie in the output folder under the names of their inputs, never over each other."""
    if not batch.output_dir:
        return {}
    several = request.batch_count * request.batch_size > 1
    return {
        OUTPUT_SETTING: batch.output_dir,
        "save_to_dirs": False,
        "save_images_add_number": False,
        "save_images_replace_action": "Add number suffix",
        "samples_filename_pattern": f"{item.stem}-[generation_number]" if several else item.stem,
    }


def _masks_of(batch: Img2ImgBatch, run: Run) -> list[Path]:
    """The masks; raises UserError when there is a folder for them with none in it."""
    if not batch.mask_dir:
        return []
    found = pictures_in(run.host.paths.resolve(batch.mask_dir))
    if not found:
        raise UserError(f"There is no mask in {batch.mask_dir}.", hint="Choose another folder.", field="mask_dir")
    return found


def _mask_for(item: GivenPicture, masks: list[Path]) -> Path:
    """The mask of the same name, or the only one."""
    if len(masks) == 1:
        return masks[0]
    for mask in masks:
        if mask.stem == item.stem:
            return mask
    raise UserError("There is no mask of this name.", field="mask_dir")

"""The pictures of a job as they are finished: named, described, saved, told, and gathered into its result."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from PIL import Image

from app import hookspecs
from app.contracts import RunImage
from app.generation.checksum import picture_checksum
from app.generation.describe import infotext_of
from app.generation.grid import PIXELS_PER_MEGAPIXEL, GridPictures, grid_rows, make_grid
from app.generation.name_facts import JOB_TIMESTAMP, NamedJob, last_denoising_strength
from app.generation.run_helpers import GenerationRun
from app.generation.save import Saver, Written
from app.generation.saving_options import SavingOptions
from app.generation.stopwatch import Stopwatch
from app.stash import StashKey
from app.values.base import Json
from app.values.events import JobImage
from app.values.job import JobResult, SavedImage
from app.values.plan import GenerationPlan, ImagePlan
from app.values.request import GenerationRequest

GRID_INDEX = -1
LOSSLESS_SUFFIX = ".png"
EXTRA = "extra"
"""The kind of pictures that show how another one came about: masks, earlier stages."""


class Results:
    """Collects what one job makes of ``request``; ``model_time`` runs while the model works."""

    def __init__(self, run: GenerationRun, request: GenerationRequest) -> None:
        self._run = run
        self._request = request
        self._options = run.pick(SavingOptions)
        self._named = NamedJob(request, datetime.now(), run.job.owner, self._options.directories_max_prompt_words)
        self._saved: list[SavedImage] = []
        self._extras: list[SavedImage] = []
        self._grid: SavedImage | None = None
        self._pictures = GridPictures(round(self._options.img_max_size_mp * PIXELS_PER_MEGAPIXEL))
        self.model_time = Stopwatch()
        self._plan: GenerationPlan | None = None
        self._stopped: Literal["", "skip", "interrupt"] = ""

    def add(self, images: Sequence[RunImage], plan: GenerationPlan, *, complete: bool, decoded: Sequence[RunImage] = ()) -> None:
        """Save the pictures of a batch; those of a batch that was stopped go to the spool unless the settings keep them.

        ``decoded`` are the pictures as the model gave them.
        """
        self._plan, saver = plan, Saver(self._run, self._options, plan.kind)
        keep = self._keeps(self._options.samples_save and (complete or self._options.save_incomplete_images))
        as_decoded = {item.index: item.image for item in decoded} if complete else {}
        for item in images:
            if not (item.shown or (keep and item.keep)):
                continue
            saved = self._save(item, plan, saver, keep=keep and item.keep)
            if item.ending:
                self._add_extra(saved.model_copy(update={"kind": EXTRA}), shown=item.shown)
                continue
            if as_decoded.get(item.index) is item.image and saved.path.endswith(LOSSLESS_SUFFIX):
                checksum = picture_checksum(item.image, plan.images[item.index], plan, self._run)
                saved = saved.model_copy(update={"drawn_as": checksum})
            self._saved.append(self._tell(saved))
            if self._wants_grid(plan):
                self._pictures.add(item.image, expected=len(plan.images))

    def _save(self, item: RunImage, plan: GenerationPlan, saver: Saver, *, keep: bool) -> SavedImage:
        image = plan.images[item.index]
        infotext = infotext_of(image, plan, self._run)
        facts = self._named.facts(plan, image, item.image, infotext)
        written = saver.sample(item.image, infotext, facts, keep=keep, ending=item.ending)
        return saved_image(written, item.image, infotext, image)

    def _add_extra(self, saved: SavedImage, *, shown: bool) -> None:
        """A mask or an early stage of a picture: it is in the result only if it is to be shown."""
        if shown:
            self._extras.append(self._tell(saved))
        else:
            self._run.host.hooks.notify(hookspecs.on_image_saved, saved=saved, host=self._run.host)

    def stop(self, kind: Literal["skip", "interrupt"]) -> None:
        """Somebody ended a batch, or the whole job, early."""
        if self._stopped != "interrupt":
            self._stopped = kind

    def finish(self) -> JobResult:
        """Make the grid where one is wanted, and the result."""
        self._make_grid()
        grids = [self._grid] if self._grid is not None and self._options.return_grid else []
        return JobResult(
            images=(*grids, *self._saved, *self._extras),
            comments=tuple(self._run.comments),
            networks=tuple(self._run.networks.values()),
            alerts=tuple(self._run.alerts),
            info=self._info(first=len(grids)),
            stopped=self._stopped,
        )

    def _keeps(self, wanted: bool) -> bool:
        return wanted and self._request.save == "outputs"

    def _wants_grid(self, plan: GenerationPlan) -> bool:
        options = self._options
        several = len(plan.images) > 1 or not options.grid_only_if_multiple
        return several and self._request.save == "outputs" and (options.grid_save or options.return_grid)

    def _make_grid(self) -> None:
        options, plan, pictures = self._options, self._plan, self._pictures.kept
        if self._pictures.are_too_many:
            self._run.comment("The pictures are too many for one grid, so there is none.")
        if plan is None or not pictures or (len(pictures) == 1 and options.grid_only_if_multiple):
            return
        rows = grid_rows(len(pictures), options.n_rows, plan.batch_size, full=options.grid_prevent_empty_spots)
        sheet = make_grid(pictures, rows, options.grid_background_color)
        first = self._saved[0]
        image = plan.images[first.index]
        facts = self._named.facts(plan, image, sheet, first.infotext)
        written = Saver(self._run, options, plan.kind).grid(sheet, first.infotext, facts, keep=options.grid_save)
        saved = saved_image(written, sheet, first.infotext, image).model_copy(update={"kind": "grid", "index": GRID_INDEX})
        self._grid = self._tell(saved)

    def _tell(self, saved: SavedImage) -> SavedImage:
        self._run.report(JobImage(job_id=self._run.job.id, image=saved))
        self._run.host.hooks.notify(hookspecs.on_image_saved, saved=saved, host=self._run.host)
        return saved

    def _info(self, first: int) -> dict[str, Json]:
        """Facts for API clients, under A1111's names; ``first`` is the place of the first picture that is no grid."""
        plan = self._plan
        if plan is None:
            return {}
        return {
            "sampler_name": plan.first.sampler,
            "scheduler": plan.first.scheduler,
            "steps": plan.first.steps,
            "cfg_scale": plan.first.cfg_scale,
            "width": plan.first.width_px,
            "height": plan.first.height_px,
            "denoising_strength": last_denoising_strength(plan),
            "batch_size": plan.batch_size,
            "subseed_strength": plan.subseed_strength,
            "seed_resize_from_w": plan.seed_resize_from_width_px,
            "seed_resize_from_h": plan.seed_resize_from_height_px,
            "clip_skip": plan.clip_skip,
            "sd_model_name": plan.first.checkpoint.name,
            "sd_model_hash": (plan.first.checkpoint.sha256 or "")[:10],
            "all_prompts": [image.prompt for image in plan.images],
            "all_negative_prompts": [image.negative_prompt for image in plan.images],
            "all_seeds": [image.seed for image in plan.images],
            "all_subseeds": [image.subseed for image in plan.images],
            "index_of_first_image": first,
            "model_seconds": self.model_time.seconds,
            "job_timestamp": self._named.started.strftime(JOB_TIMESTAMP),
        }


RESULTS = StashKey[Results]("results of the job")
"""In ``run.stash`` while the job draws."""


def saved_image(written: Written, picture: Image.Image, infotext: str, image: ImagePlan) -> SavedImage:
    """The value that tells of a written picture."""
    return SavedImage(
        path=str(written.path),
        width_px=picture.width,
        height_px=picture.height,
        infotext=infotext,
        index=image.index,
        seed=image.seed,
        subseed=image.subseed,
        prompt=image.prompt,
        negative_prompt=image.negative_prompt,
        spooled=written.spooled,
    )

"""After drawing: colours are matched, what was not to be drawn is put back pixel by pixel, masks and early stages go beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from PIL import Image

from app.api import RunImage
from extensions.img2img.api import MaskBlender
from extensions.img2img.masks import composite, kept_part, to_place
from extensions.img2img.state import Img2ImgJob

BEFORE_COLORS, MASK, MASK_COMPOSITE = "-before-color-correction", "-mask", "-mask-composite"
"""A1111's endings of file names."""


def finish_images(images: Sequence[RunImage], job: Img2ImgJob, blender: MaskBlender | None) -> list[RunImage]:
    """The decoded pictures of a batch, in its order, as they are saved, each with what goes beside it; others' extras stay as they are."""
    finished: list[RunImage] = []
    place = 0
    for item in images:
        if item.ending:
            finished.append(item)
            continue
        finished += _Finish(item, place, job, blender).pictures()
        place += 1
    return finished


class _Finish:
    """One picture; ``place`` in its batch."""

    def __init__(self, item: RunImage, place: int, job: Img2ImgJob, blender: MaskBlender | None) -> None:
        self._item = item
        self._job = job
        self._picture = job.pictures[job.number_of(item.index)]
        self._area = job.mask.area if job.mask else None
        soft = blender.pixel_mask(place, item.image.width, item.image.height) if blender and job.mask else None
        self._soft = self._placed(soft) if soft is not None else None

    def pictures(self) -> Iterator[RunImage]:
        """What comes before the picture, the picture, and what comes after it, as the settings say."""
        settings, image = self._job.settings, self._item.image
        if settings.img2img_color_correction:
            from extensions.img2img.colors import match_colors

            if settings.save_images_before_color_correction:
                yield self._beside(self._overlaid(self._in_place(image)), BEFORE_COLORS, keep=True, shown=False)
            image = match_colors(image, self._picture.shown)
        drawn = self._in_place(image)
        yield replace(self._item, image=self._cut(self._overlaid(drawn)))
        mask = self._mask()
        if mask is None:
            return
        yield self._beside(mask.convert("RGB"), MASK, keep=settings.save_mask, shown=settings.return_mask)
        if settings.save_mask_composite or settings.return_mask_composite:
            shown = composite(drawn, mask)
            yield self._beside(shown, MASK_COMPOSITE, keep=settings.save_mask_composite, shown=settings.return_mask_composite)

    @property
    def _overlays(self) -> bool:
        return self._picture.kept is not None and self._job.settings.overlay_inpaint

    def _mask(self) -> Image.Image | None:
        """What was drawn is white, at the size of the whole picture; None where all of it was."""
        if self._soft is not None:
            return self._soft
        return self._job.mask.pixels if self._job.mask else None

    def _in_place(self, image: Image.Image) -> Image.Image:
        """What was drawn, in its place in the whole picture where that is put around it."""
        return self._placed(image) if self._overlays else image

    def _placed(self, image: Image.Image) -> Image.Image:
        return to_place(image, self._picture.whole.size, self._area, self._job.enlarge) if self._area else image

    def _overlaid(self, drawn: Image.Image) -> Image.Image:
        """What was drawn, with what was kept laid over it."""
        kept = self._picture.kept
        if kept is None or not self._overlays:
            return drawn
        if self._soft is not None:
            kept = kept_part(self._picture.whole, self._soft)
        laid = drawn.convert("RGBA")
        laid.alpha_composite(kept)
        return laid.convert("RGB")

    def _beside(self, image: Image.Image, ending: str, *, keep: bool, shown: bool) -> RunImage:
        return RunImage(self._item.index, self._cut(image), ending=ending, keep=keep, shown=shown)

    def _cut(self, image: Image.Image) -> Image.Image:
        """Without the pixels that were drawn only because a latent has eight a side."""
        return image.crop((0, 0, *self._job.crop_to)) if self._job.crop_to else image

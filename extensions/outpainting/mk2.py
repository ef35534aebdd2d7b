"""Outpainting mk2: one side after the other, each beginning with noise that looks like the picture."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence

import numpy as np
from PIL import Image

from app.api import Cell, CellResult, GenerationRequest, ScriptTask, Sheet
from extensions.img2img.api import drawn_picture, first_picture, first_sample, start_picture
from extensions.outpainting.extension import STEP_PX, Extension, checked_size, checked_start, masked_request
from extensions.outpainting.noise import matched_noise
from extensions.outpainting.params import SIDES, Mk2Params, Side

FALLBACK_PX = 512
REACH = 2
"""How many times the blur is drawn anew inside the picture."""
LATENT_PX = 8
ORIGINAL = 1


class OutpaintingMk2:
    """Fulfils ScriptWork. A cell extends one side of one picture; the batch count and size say how many pictures there are."""

    shows_cells = False

    def __init__(self, task: ScriptTask) -> None:
        assert isinstance(task.params, Mk2Params)
        self._task, self._params = task, task.params
        self._start = checked_start(task, self._params.direction)
        self._original = first_picture(self._start, task.host, task.owner, task.settings)
        self._sides: tuple[Side, ...] = tuple(side for side in SIDES if side in self._params.direction)
        self._pictures = task.request.batch_count * task.request.batch_size
        self.count = self._pictures * len(self._sides)
        self._done: list[Image.Image] = []
        if self._original is not None:
            checked_size(self._extension().whole)

    def cells(self) -> Generator[Cell, CellResult, None]:
        """Picture after picture; one whose side fails is given up."""
        request = self._task.with_seeds()
        extension, self._done = self._extension(), []
        for number in range(self._pictures):
            picture = start_picture(self._original)
            for side in self._sides:
                step = SideStep(picture, side, getattr(extension, side), self._params, request)
                begin, mask = step.prepared(request.seed + number)
                asked = self._request(step, begin, mask, request.seed + number)
                label = f"Extending {side}" if self._pictures == 1 else f"Picture {number + 1}, extending {side}"
                result = yield Cell(request=asked, label=label)
                drawn = drawn_picture(result)
                if drawn is None:
                    break
                picture = step.finished(drawn)
            self._done.append(picture)

    def sheets(self, results: Sequence[CellResult]) -> Iterable[Sheet]:
        """Every picture as far as it was extended."""
        place = 0
        for number in range(self._pictures):
            of_picture = _until_failure(results[place : place + len(self._sides)])
            place += len(of_picture)
            like = first_sample(reversed(of_picture))
            if like is not None:
                yield Sheet(
                    self._picture(number, of_picture), like, kind="sample", items={**self._params.items(), "Script": "Outpainting mk2"}
                )

    def _picture(self, number: int, results: Sequence[CellResult]) -> Image.Image:
        """What came of a picture; it is put together again where the cells were ended in the middle of it."""
        if number < len(self._done):
            return self._done[number]
        request, extension, picture = self._task.request, self._extension(), start_picture(self._original)
        for side, result in zip(self._sides, results, strict=False):
            drawn = drawn_picture(result)
            if drawn is None:
                break
            step = SideStep(picture, side, getattr(extension, side), self._params, request)
            picture = step.finished(drawn)
        return picture

    def _extension(self) -> Extension:
        return Extension.of(start_picture(self._original).size, self._params.pixels, self._params.direction)

    def _request(self, step: SideStep, begin: Image.Image, mask: Image.Image, seed: int) -> GenerationRequest:
        """The request that draws the part of one step that its side needs."""
        part, its_mask = begin.crop(step.box), mask.crop(step.box)
        return masked_request(self._task, self._start, part, its_mask, seed, inpainting_fill=ORIGINAL, mask_blur_x=0, mask_blur_y=0)


class SideStep:
    """One side of one picture: what is there, the canvas in multiples of 64, and the part of it that is drawn."""

    def __init__(self, picture: Image.Image, side: Side, pixels: int, params: Mk2Params, request: GenerationRequest) -> None:
        self._picture, self._side, self._pixels, self._params = picture, side, pixels, params
        self.is_horizontal = side in ("left", "right")
        wide, high = (pixels, 0) if self.is_horizontal else (0, pixels)
        self._result = (picture.width + wide, picture.height + high)
        self._canvas = (_stepped(self._result[0]), _stepped(self._result[1]))
        self._drawn = (
            min(request.width or FALLBACK_PX, self._canvas[0]) if self.is_horizontal else self._canvas[0],
            min(request.height or FALLBACK_PX, self._canvas[1]) if not self.is_horizontal else self._canvas[1],
        )

    @property
    def box(self) -> tuple[int, int, int, int]:
        """The part that is drawn: at the side that is new, as wide or as high as the form says."""
        x = self._result[0] - self._drawn[0] if self._side == "right" else 0
        y = self._result[1] - self._drawn[1] if self._side == "down" else 0
        x, y = max(0, x), max(0, y)
        return x, y, x + self._drawn[0], y + self._drawn[1]

    def prepared(self, seed: int) -> tuple[Image.Image, Image.Image]:
        """The canvas with noise where nothing is, and the mask ("L") of what is drawn.

        The noise reaches into the picture by the blur, what is drawn twice as far, and by a whole latent at least: one that is kept
        must hold no noise.
        """
        canvas, blur = self._laid_out(), self._params.mask_blur
        levels = np.asarray(canvas, dtype=np.float64) / 255, self._mask(blur)
        noisy = matched_noise(*levels, self._params.noise_q, self._params.color_variation, seed + SIDES.index(self._side))
        drawn = self._mask(max(REACH * blur, LATENT_PX))
        return Image.fromarray((noisy * 255 + 0.5).astype(np.uint8)), Image.fromarray((drawn * 255).astype(np.uint8))

    def finished(self, drawn: Image.Image) -> Image.Image:
        """The extended picture: what is new as it was drawn, and inside the picture a smooth passage to it, without the noise."""
        whole = self._laid_out()
        reach = REACH * self._params.mask_blur
        new = self._depth_px() <= 0
        passage = np.clip(1 - self._depth_px() / reach, 0, 1) if reach else new
        shown = Image.fromarray((np.where(new, 1.0, passage) * 255 + 0.5).astype(np.uint8))
        whole.paste(drawn, self.box[:2], shown.crop(self.box))
        return whole.crop((0, 0, *self._result))

    def _laid_out(self) -> Image.Image:
        """The picture at its place on the canvas."""
        canvas = Image.new("RGB", self._canvas)
        canvas.paste(self._picture, (self._pixels if self._side == "left" else 0, self._pixels if self._side == "up" else 0))
        return canvas

    def _mask(self, reach_px: int) -> np.ndarray:
        """(height, width), 1 where the canvas is new or lies less than ``reach_px`` inside the picture, else 0."""
        inside = self._depth_px() > reach_px
        inside[self._result[1] :], inside[:, self._result[0] :] = False, False
        return 1.0 - inside

    def _depth_px(self) -> np.ndarray:
        """(height, width): how far the middle of each pixel of the canvas lies inside the picture, from the side that is extended."""
        wide, high = self._canvas
        along = np.arange(wide if self.is_horizontal else high) + 0.5
        end = self._picture.width if self.is_horizontal else self._picture.height
        depth = along - self._pixels if self._side in ("left", "up") else end - along
        whole = np.broadcast_to(depth if self.is_horizontal else depth[:, None], (high, wide)).copy()
        return whole


def _stepped(side_px: int) -> int:
    return -(-side_px // STEP_PX) * STEP_PX


def _until_failure(results: Sequence[CellResult]) -> list[CellResult]:
    """The results of one picture: none follows one that failed."""
    taken: list[CellResult] = []
    for result in results:
        taken.append(result)
        if not result.samples:
            break
    return taken

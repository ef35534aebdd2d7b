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
BLUR_FACTOR = 4
LARGEST_BLUR = 256
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
                step = _Step(picture, side, getattr(extension, side), self._params, request)
                begin, mask = step.prepared(request.seed + number)
                asked = self._request(step, begin, mask, request.seed + number)
                label = f"Extending {side}" if self._pictures == 1 else f"Picture {number + 1}, extending {side}"
                result = yield Cell(request=asked, label=label)
                drawn = drawn_picture(result)
                if drawn is None:
                    break
                picture = step.finished(begin, drawn)
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
        request, extension, picture = self._task.with_seeds(), self._extension(), start_picture(self._original)
        for side, result in zip(self._sides, results, strict=False):
            drawn = drawn_picture(result)
            if drawn is None:
                break
            step = _Step(picture, side, getattr(extension, side), self._params, request)
            picture = step.finished(step.prepared(request.seed + number)[0], drawn)
        return picture

    def _extension(self) -> Extension:
        return Extension.of(start_picture(self._original).size, self._params.pixels, self._params.direction)

    def _request(self, step: _Step, begin: Image.Image, mask: Image.Image, seed: int) -> GenerationRequest:
        """The request that draws the part of one step that its side needs."""
        blur = min(self._params.mask_blur * BLUR_FACTOR, LARGEST_BLUR)
        blurs = {"mask_blur_x": blur if step.is_horizontal else 0, "mask_blur_y": 0 if step.is_horizontal else blur}
        part, its_mask = begin.crop(step.box), mask.crop(step.box)
        return masked_request(self._task, self._start, part, its_mask, seed, inpainting_fill=ORIGINAL, **blurs)


class _Step:
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
        """The canvas with noise where nothing is, and the mask ("L"), which reaches into the picture by the blur."""
        canvas = Image.new("RGB", self._canvas)
        offset = (self._pixels if self._side == "left" else 0, self._pixels if self._side == "up" else 0)
        canvas.paste(self._picture, offset)
        mask = Image.new("L", self._canvas, 255)
        blur = self._params.mask_blur
        kept = {
            "left": (self._pixels + blur, 0, self._result[0], self._result[1]),
            "right": (0, 0, self._picture.width - blur, self._result[1]),
            "up": (0, self._pixels + blur, self._result[0], self._result[1]),
            "down": (0, 0, self._result[0], self._picture.height - blur),
        }[self._side]
        if kept[0] < kept[2] and kept[1] < kept[3]:
            mask.paste(0, kept)
        levels = np.asarray(canvas, dtype=np.float64) / 255, np.asarray(mask, dtype=np.float64) / 255
        noisy = matched_noise(*levels, self._params.noise_q, self._params.color_variation, seed + SIDES.index(self._side))
        return Image.fromarray((noisy * 255 + 0.5).astype(np.uint8)), mask

    def finished(self, begin: Image.Image, drawn: Image.Image) -> Image.Image:
        """The extended picture."""
        whole = begin.copy()
        whole.paste(drawn, self.box[:2])
        return whole.crop((0, 0, *self._result))


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

"""The loops, each of which starts from the picture of the one before, and their grids."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterable, Sequence
from pathlib import Path

from app.api import Cell, CellResult, GenerationRequest, SavedImage, ScriptTask, Sheet, UserError, open_image
from extensions.img2img.api import Img2ImgParams
from extensions.loopback.params import LoopbackParams
from extensions.scripts.api import grid_style, labelled_grid

ORIGINAL = 1
"""The masked content that is not drawn over."""
NO_INTERROGATOR = "None"


class Loopback:
    """Fulfils ScriptWork."""

    shows_cells = True

    def __init__(self, task: ScriptTask) -> None:
        assert isinstance(task.params, LoopbackParams)
        self._task, self._params = task, task.params
        self._start = Img2ImgParams.of(task.request.params)
        self._rounds = task.request.batch_count
        self.count = self._params.loops * self._rounds
        _check(self._start, self._params)

    def cells(self) -> Generator[Cell, CellResult, None]:
        """Round after round; one that fails ends its round."""
        request = self._task.with_seeds().model_copy(update={"batch_count": 1, "batch_size": 1})
        seed = request.seed
        for number in range(self._rounds):
            picture: str | None = None
            for loop in range(self._params.loops):
                strength = denoising_strength(loop, self._params, self._start.denoising_strength)
                label = f"Loop {loop + 1}" if self._rounds == 1 else f"Round {number + 1}, loop {loop + 1}"
                result = yield Cell(request=self._request(request, seed, strength, picture), label=label)
                if not result.samples:
                    break
                seed, picture = result.samples[0].seed + 1, self._task.take_in(result.samples[0])

    def sheets(self, results: Sequence[CellResult]) -> Iterable[Sheet]:
        """A grid in one row for each round of several loops."""
        if self._params.loops == 1:
            return
        style = grid_style({**self._task.settings, **self._task.request.settings}, self._task.host)
        items = {**self._params.items(), "Script": "Loopback"}
        for drawn in _by_round(results, self._params.loops):
            there = [image for image in drawn if Path(image.path).is_file()]
            if there:
                pictures = [open_image(Path(image.path)).image.convert("RGB") for image in there]
                yield Sheet(labelled_grid(pictures, len(pictures), ((), ()), style), there[0], name="grid", items=items)

    def _request(self, request: GenerationRequest, seed: int, strength: float, picture: str | None) -> GenerationRequest:
        """The request of one loop; ``picture`` None: it begins with the form's."""
        own = self._start.model_copy(update={"denoising_strength": strength})
        if picture is None:
            own = own.model_copy(update={"init_images": own.init_images[:1]})
        else:
            own = own.model_copy(update={"init_images": (picture,), "inpainting_fill": ORIGINAL, "scale": None})
        params = {**request.params, Img2ImgParams.feature: own.model_dump(mode="json")}
        changes: dict[str, object] = {"seed": seed, "params": params}
        if picture is not None and self._start.scale is not None:
            changes |= {"width": None, "height": None, **self._size(picture)}
        return request.model_copy(update=changes)

    def _size(self, picture: str) -> dict[str, int]:
        """The size that the first loop was brought to by a factor."""
        image = open_image(self._task.host.inputs.find(picture, self._task.owner)).image
        return {"width": image.width, "height": image.height}


def denoising_strength(loop: int, params: LoopbackParams, first: float) -> float:
    """Of loop ``loop``, counted from 0; from ``first`` to the final one along the curve."""
    if params.loops == 1:
        return first
    progress = loop / (params.loops - 1)
    if params.denoising_curve == "Aggressive":
        progress = math.sin(progress * math.pi / 2)
    elif params.denoising_curve == "Lazy":
        progress = 1 - math.cos(progress * math.pi / 2)
    return first + (params.final_denoising_strength - first) * progress


def _by_round(results: Sequence[CellResult], loops: int) -> Iterable[list[SavedImage]]:
    """The pictures of each round: a failed loop ends one, and so does the last."""
    drawn: list[SavedImage] = []
    for result in results:
        drawn += result.samples[:1]
        if not result.samples or len(drawn) == loops:
            yield drawn
            drawn = []
    if drawn:
        yield drawn


def _check(start: Img2ImgParams, params: LoopbackParams) -> None:
    """Raise UserError for what has no meaning from the second loop on."""
    if not start.init_images:
        raise UserError("Loopback needs a picture to start from.", hint="Give one in img2img.", field="init_images")
    if params.append_interrogation != NO_INTERROGATOR:
        what = f"There is no interrogator {params.append_interrogation!r} here that could append to the prompt."
        raise UserError(what, hint="Choose None.", field="append_interrogation")
    if start.outpaints or start.sketch:
        what = "Loopback cannot be combined with extending the picture or with a painted-over sketch."
        raise UserError(what, hint="Choose img2img or Inpaint.", field="script_name")

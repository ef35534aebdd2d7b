"""Calls a model with as many rows, and as much of it on the device, as memory allows; in full precision where half gives NaN."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Protocol

import torch
from torch import Tensor

from app.contracts import Conditioning, LoadedModel
from app.errors import UserError
from app.generation.ladder import Rung, climb_down, with_offload
from app.values.model import PredictionType


class PredictingModel(Protocol):
    """The part of a LoadedModel that a sampler's pass needs."""

    prediction_type: PredictionType

    def predict(self, x: Tensor, timesteps: Tensor, conditioning: Sequence[Conditioning]) -> Tensor:
        """Raw output (B, C, h, w)."""
        ...


EXTREME = 1e5
"""What is given to models stays below it by far: encoded prompts without weights below a thousand or so."""
LIFTED = "The model returned values that are not numbers in half precision; it works in full precision from here on."


class CarefulModel:
    """``predict`` of a LoadedModel; ``between`` is called between two portions of a call, ``comment`` hears what was done."""

    def __init__(
        self,
        model: LoadedModel,
        comment: Callable[[str], None] = lambda text: None,
        between: Callable[[], None] = lambda: None,
        nan_check: bool = True,
    ) -> None:
        self.prediction_type: PredictionType = model.prediction_type
        self._model = model
        self._comment = comment
        self._between = between
        self._nan_check = nan_check
        self._portions: dict[tuple[int, ...], int] = {}

    def predict(self, x: Tensor, timesteps: Tensor, conditioning: Sequence[Conditioning]) -> Tensor:
        """Raw model output (B, C, h, w) for ``x`` (B, C, h, w), ``timesteps`` (B,) and B conditionings."""
        output = self._in_portions(x, timesteps, conditioning)
        if not self._nan_check or not has_nan(output):
            return output
        check_given(x, conditioning)
        if self._model.lift_precision("predict"):
            self._portions.clear()
            output = self._in_portions(x, timesteps, conditioning)
            if not has_nan(output):
                self._comment(LIFTED)
                return output
            self._model.restore_precision("predict")
        check_given(x, conditioning, EXTREME)
        return output

    def _in_portions(self, x: Tensor, timesteps: Tensor, conditioning: Sequence[Conditioning]) -> Tensor:
        """All rows at once, or in portions of a half, a quarter ... of them; what worked is done again the next time."""
        shape, rows = tuple(x.shape), len(x)
        known = self._portions.get(shape)
        row_bytes = 0 if known else self._row_bytes(x)
        sizes = [size for size in portions(rows) if size <= (known or rows)]

        def rung(size: int) -> Rung[Tensor]:
            return Rung(
                lambda: self._by(size, x, timesteps, conditioning), size * row_bytes, "" if size in (rows, known) else told(size, rows)
            )

        def work() -> tuple[int, Tensor]:
            return climb_down([rung(size) for size in sizes], str(self._model.device), self._comment)

        index, output = with_offload(work, self._model, self._comment)
        self._portions[shape] = sizes[index]
        return output

    def _row_bytes(self, x: Tensor) -> int:
        scale = self._model.downscale
        return self._model.working_bytes("predict", x.shape[3] * scale, x.shape[2] * scale)

    def _by(self, rows: int, x: Tensor, timesteps: Tensor, conditioning: Sequence[Conditioning]) -> Tensor:
        parts = []
        for start in range(0, len(x), rows):
            if start:
                self._between()
            some = slice(start, start + rows)
            parts.append(self._model.predict(x[some], timesteps[some], conditioning[some]))
        return parts[0] if len(parts) == 1 else torch.cat(parts)


def has_nan(tensor: Tensor) -> bool:
    """Whether a value is not a number."""
    return bool(torch.isnan(tensor).any())


def check_given(x: Tensor, conditioning: Sequence[Conditioning], limit: float = math.inf) -> None:
    """Raise UserError when something is at the limit or beyond it, or not a number, so that a model could not but return NaN."""
    for one in conditioning:
        given = (one.context, one.pooled, *one.extra.values())
        if not all(_within(tensor, limit) for tensor in given if tensor is not None):
            raise UserError(
                "The encoded prompt holds values that are too large, or not numbers, for the model.",
                hint="Take smaller weights in the prompt, as in (word:1.2), or start with --no-half.",
                field="prompt",
            )
    if not _within(x, limit):
        raise UserError(
            "The picture that the model was shown holds values that are too large, or not numbers.",
            hint="Take a lower CFG scale, or the default settings of the sampler.",
        )


def _within(tensor: Tensor, limit: float) -> bool:
    return bool((tensor.abs() < limit).all())


def portions(rows: int) -> list[int]:
    """All rows, then half of them, and so on down to one; the positive prompts come first, so a half parts them from the negative."""
    sizes = [rows]
    while sizes[-1] > 1:
        sizes.append((sizes[-1] + 1) // 2)
    return sizes


def told(size: int, rows: int) -> str:
    """What the user reads."""
    return f"To save memory the model was called for {size} of {rows} prompts at a time, which is slower."

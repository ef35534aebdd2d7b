"""Weights per block of the U-Net ("MBW"): which block a tensor belongs to, and the numbers that people write for them.

Blocks are called as merge tools do: IN00.. and OUT00.. are ``input_blocks`` and ``output_blocks``, M00 is ``middle_block``. The time
embedding counts as IN00, the last layers (``out``) as the last OUT. BASE is everything else: text encoders and VAE.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.api import UserError

FIELD = "block_weights"
BASE, MIDDLE = "BASE", "M00"
LOWEST, HIGHEST = -2.0, 2.0
_UNET = "model.diffusion_model."
_NUMBERED = re.compile(r"(input|output)_blocks\.(\d{1,3})\.")
_FIRST = ("time_embed.", "label_emb.")


@dataclass(frozen=True)
class BlockWeights:
    """The multiplier of each tensor."""

    weights: Mapping[str, float]
    last: str = ""
    """The last OUT block."""

    def of(self, key: str) -> float:
        """The number for a tensor."""
        return self.weights[block_of(key, self.last)]


def block_of(key: str, last: str = "OUT11") -> str:
    """The block of a tensor."""
    if not key.startswith(_UNET):
        return BASE
    rest = key.removeprefix(_UNET)
    numbered = _NUMBERED.match(rest)
    if numbered:
        return f"{'IN' if numbered[1] == 'input' else 'OUT'}{int(numbered[2]):02d}"
    if rest.startswith("middle_block."):
        return MIDDLE
    if rest.startswith(_FIRST):
        return "IN00"
    return last if rest.startswith("out.") else BASE


def block_names(keys: Iterable[str]) -> tuple[str, ...]:
    """The blocks of a checkpoint in their order, BASE left out; SD1 has 25 and SDXL 19. Empty where there is no U-Net."""
    found = {block_of(key, "") for key in keys} - {BASE, ""}
    order = {"IN": 0, "M0": 1, "OU": 2}
    return tuple(sorted(found, key=lambda name: (order[name[:2]], name)))


def parse_block_weights(text: str, keys: Iterable[str], multiplier: float) -> BlockWeights | None:
    """The numbers, separated by commas, spaces or lines: BASE and the blocks, or the blocks alone with ``multiplier`` for the rest.

    None for an empty text. Raises UserError, with the field, for anything else than numbers and for another count of them.
    """
    pieces = [piece for piece in re.split(r"[\s,;]+", text) if piece]
    if not pieces:
        return None
    names = block_names(keys)
    if not names:
        raise UserError("The primary model has no U-Net with blocks, so there are no weights per block.", field=FIELD)
    values = [_number(piece) for piece in pieces]
    if len(values) == len(names):
        values.insert(0, multiplier)
    if len(values) != len(names) + 1:
        raise UserError(
            f"{len(values)} weights per block were given; this checkpoint has {len(names)} blocks.",
            hint=f"Give {len(names) + 1} numbers: BASE, {names[0]} to {names[-1]}; or {len(names)} without BASE.",
            field=FIELD,
        )
    last = next((name for name in reversed(names) if name.startswith("OUT")), names[-1])
    return BlockWeights(dict(zip((BASE, *names), values, strict=True)), last)


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise UserError(f"{text[:40]!r} is no number.", hint="Write the weights as 0, 0.25, 0.5, ...", field=FIELD) from None
    if not math.isfinite(value) or not LOWEST <= value <= HIGHEST:
        raise UserError(f"The weight {text[:40]} is not between {LOWEST:g} and {HIGHEST:g}.", field=FIELD)
    return value

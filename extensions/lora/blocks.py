"""Strengths by block of the U-Net, in the notation of the extension LoRA Block Weight: numbers in a fixed order, or a preset's name."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from app.api import Json, UserError
from extensions.lora.names import LoraPlace

BASE, MIDDLE = "BASE", "M00"
PRESETS = "lora_block_presets"
_LDM_BLOCK = re.compile(r"(input_blocks|middle_block|output_blocks)\.(\d+)")


def _names(inner: str, outer: str) -> tuple[str, ...]:
    """("BASE", "IN01" ..., "M00", "OUT03" ...) for the numbers of input and output blocks."""
    return (BASE, *(f"IN{number}" for number in inner.split()), MIDDLE, *(f"OUT{number}" for number in outer.split()))


_TO_08, _TO_11 = "00 01 02 03 04 05 06 07 08", "00 01 02 03 04 05 06 07 08 09 10 11"
ORDERS: Mapping[bool, tuple[tuple[str, ...], ...]] = MappingProxyType(
    {
        False: (_names("01 02 04 05 07 08", "03 04 05 06 07 08 09 10 11"), _names(_TO_11, _TO_11)),
        True: (_names("04 05 07 08", "00 01 02 03 04 05"), _names(_TO_08, _TO_08)),
    }
)
"""The blocks that a list of numbers is for, by whether the model is SDXL: 17 or 26 numbers, 12 or 20 there (attention alone, or all)."""


def _line(name: str, *runs: tuple[int, str]) -> str:
    """``NAME:1,1,0``: runs of equal numbers."""
    return f"{name}:{','.join(number for count, number in runs for _ in range(count))}"


KNOWN_PRESETS = ";".join(
    (
        _line("NONE", (17, "0")),
        _line("NONE", (12, "0")),
        _line("ALL", (17, "1")),
        _line("ALL", (12, "1")),
        _line("INS", (4, "1"), (13, "0")),
        _line("IND", (1, "1"), (3, "0"), (3, "1"), (10, "0")),
        _line("INALL", (7, "1"), (10, "0")),
        _line("INALL", (5, "1"), (7, "0")),
        _line("MIDD", (1, "1"), (3, "0"), (8, "1"), (5, "0")),
        _line("OUTD", (1, "1"), (7, "0"), (4, "1"), (5, "0")),
        _line("OUTS", (1, "1"), (11, "0"), (5, "1")),
        _line("OUTALL", (1, "1"), (7, "0"), (9, "1")),
        _line("OUTALL", (1, "1"), (5, "0"), (6, "1")),
        _line("ALL0.5", (17, "0.5")),
        _line("ALL0.5", (12, "0.5")),
    )
)
"""Those of the extension LoRA Block Weight, and of those that mean the same for SDXL the lists for it."""


@dataclass(frozen=True)
class BlockFactors:
    """A factor for each block that is named; the others count nothing."""

    by_block: Mapping[str, float]

    def of(self, block: str) -> float:
        """The factor of a block."""
        return self.by_block.get(block, 0.0)


def block_factors(text: str, family: str, settings: Mapping[str, Json], place: LoraPlace) -> BlockFactors:
    """What ``text``, numbers with commas or a preset's name, says for a family; raises UserError that names what is wrong."""
    lists = _presets(settings).get(text.strip().upper())
    numbers = [_number(item, text, place) for item in text.split(",")] if lists is None else []
    orders = ORDERS[family.startswith("sdxl")]
    for given in [numbers] if lists is None else lists:
        for names in orders:
            if len(given) == len(names):
                return BlockFactors(dict(zip(names, given, strict=True)))
    wanted = " or ".join(str(len(names)) for names in orders)
    title = "SDXL" if family.startswith("sdxl") else "Stable Diffusion 1 and 2"
    has = " and ".join(str(len(given)) for given in lists or [numbers])
    what = f"Block weights for {title} are {wanted} numbers; {text.strip()!r} has {has}."
    raise UserError(what, hint=_hint(settings), field=place.field)


def preset_names(settings: Mapping[str, Json]) -> list[str]:
    """The names of the presets, in their order."""
    return list(_presets(settings))


def read_presets(text: str) -> dict[str, list[list[float]]]:
    """The lists of numbers of each name (in capitals), from ``NAME:number,number; NAME:number``, or lines of that.

    One name may have lists of several lengths. Raises ValueError that tells what is written otherwise.
    """
    found: dict[str, list[list[float]]] = {}
    for line in filter(str.strip, text.replace("\n", ";").split(";")):
        name, _, numbers = line.partition(":")
        try:
            read = [float(number) for number in numbers.split(",")]
        except ValueError:
            read = []
        if not name.strip() or not read or not all(map(math.isfinite, read)):
            raise ValueError(f"{line.strip()[:60]!r} is no preset of block weights; write NAME:1,0.5,0")
        found.setdefault(name.strip().upper(), []).append(read)
    return found


def checked_presets(text: str) -> str:
    """The text as it is; raises ValueError where ``read_presets`` cannot read it."""
    read_presets(text)
    return text


def _presets(settings: Mapping[str, Json]) -> dict[str, list[list[float]]]:
    """The known ones, and those of the setting, which go before."""
    return {**read_presets(KNOWN_PRESETS), **read_presets(str(settings.get(PRESETS) or ""))}


def block_of(ldm_layer: str) -> str:
    """The block of a layer by its name in the original code ("input_blocks.4.1.proj_in"); BASE for those outside of all blocks."""
    match = _LDM_BLOCK.match(ldm_layer)
    if match is None:
        return BASE
    kind, number = match.groups()
    return MIDDLE if kind == "middle_block" else f"{'IN' if kind == 'input_blocks' else 'OUT'}{int(number):02}"


def _number(item: str, text: str, place: LoraPlace) -> float:
    try:
        number = float(item)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise UserError(
            f"{text!r} is neither a preset of block weights nor a list of numbers.",
            hint="Write the name of a preset, such as OUTALL, or numbers like 1,0,0.5.",
            field=place.field,
        )
    return number


def _hint(settings: Mapping[str, Json]) -> str:
    return f"Their order stands in the README of LoRA; presets: {', '.join(preset_names(settings)) or 'none'}."

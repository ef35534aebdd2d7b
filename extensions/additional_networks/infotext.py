"""The rows of the panel as infotext items, in the keys of A1111's extension, and back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from app.api import PlanInfo, UserError, short_number
from extensions.additional_networks.params import LORA, NOTHING, OTHER_MODULE, AdditionalNetworksParams, NetworkRow
from extensions.lora.api import find_by_hash, find_file, lora_hash

if TYPE_CHECKING:
    from app.api import Host

DIGITS = 12
_NUMBERED = re.compile(r"AddNet (Module|Model|Weight A|Weight B|Block Weights) (\d{1,4})")
_HASH_BEHIND = re.compile(r"(.+?)\(([0-9a-fA-F]{8,64})\)")


def written_rows(params: AdditionalNetworksParams, host: Host) -> PlanInfo:
    """``AddNet Model 1: name(hash)`` and so on for the rows in use; "Block Weights" is no key of A1111's extension, which has none."""
    if not params.used:
        return {}
    items: dict[str, str | int | float | None] = {"AddNet Enabled": "True"}
    if params.separate_weights:
        items["AddNet Separate Weights"] = "True"
    for number, row in enumerate(params.used, 1):
        items |= {
            f"AddNet Module {number}": LORA,
            f"AddNet Model {number}": _with_hash(row.model, host),
            f"AddNet Weight A {number}": short_number(row.unet),
            f"AddNet Weight B {number}": short_number(row.text_encoder),
            f"AddNet Block Weights {number}": row.blocks.strip() or None,
        }
    return items


def row_labels(fields: Mapping[str, str]) -> frozenset[str]:
    """The labels that ``read_rows`` understands."""
    return frozenset(label for label in fields if _NUMBERED.fullmatch(label))


def read_rows(fields: Mapping[str, str], host: Host) -> list[NetworkRow]:
    """The rows of an infotext, in the order of their numbers, by the names that the files have here.

    A number that is none counts 1, as A1111 reads it; a network that is not here keeps its name.
    """
    numbered: dict[int, dict[str, str]] = {}
    for label, value in fields.items():
        match = _NUMBERED.fullmatch(label)
        if match:
            numbered.setdefault(int(match[2]), {})[match[1]] = value
    rows = [_row(numbered[number], host) for number in sorted(numbered)]
    return [row for row in rows if row.model.strip().lower() not in NOTHING]


def split_name(text: str) -> tuple[str, str]:
    """Name and hash of "name(hash)"; a name without hash has ""."""
    match = _HASH_BEHIND.fullmatch(text.strip())
    return (match[1].strip(), match[2].lower()) if match else (text.strip(), "")


def _row(said: Mapping[str, str], host: Host) -> NetworkRow:
    unet = _number(said.get("Weight A"))
    text = _number(said["Weight B"]) if "Weight B" in said else unet
    module = said.get("Module", LORA)
    model = _here(said.get("Model", ""), host) if module == LORA else f"{OTHER_MODULE}{module}: {said.get('Model', '')}"
    return NetworkRow(model=model, unet=unet, text_encoder=text, blocks=said.get("Block Weights", ""))


def _number(text: str | None) -> float:
    try:
        return max(-10.0, min(10.0, float(text or 1.0)))
    except ValueError:
        return 1.0


def _here(text: str, host: Host) -> str:
    """The name of the file here: by its hash, or by its name."""
    name, digits = split_name(text)
    found = find_by_hash(digits, host)
    if found is not None:
        return found.name.rpartition(".")[0]
    return name if _is_here(name, host) and not digits else text


def _is_here(name: str, host: Host) -> bool:
    try:
        find_file(name, host)
    except UserError:
        return False
    return True


def _with_hash(text: str, host: Host) -> str:
    """``name(hash)`` of the file; the text as it is where there is none."""
    name, digits = split_name(text)
    try:
        record = find_file(name, host)
    except UserError:
        found = find_by_hash(digits, host)
        if found is None:
            return text
        record = found
    return f"{record.stem}({lora_hash(record, host)[:DIGITS]})"

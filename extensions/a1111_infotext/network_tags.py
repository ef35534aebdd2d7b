"""Tags for networks in pasted prompts: from the fields of an old extension, and renamed to what a file is called here."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

MODEL, MODULE, WEIGHT = "AddNet Model ", "AddNet Module ", "AddNet Weight A "
HASHES = "Lora hashes"
_HASH_BEHIND = re.compile(r"\([0-9a-fA-F]+\)$")
_TAG_WITH_ITEMS = re.compile(r"<lora:([^:<>]+):")


def with_old_network_tags(prompt: str, fields: Mapping[str, object]) -> str:
    """The prompt with a line of tags for the LoRAs that the extension Additional Networks wrote into the infotext's fields."""
    tags = [
        f"<lora:{_HASH_BEHIND.sub('', str(name))}:{fields.get(WEIGHT + label.removeprefix(MODEL), '1.0')}>"
        for label, name in fields.items()
        if label.startswith(MODEL) and fields.get(MODULE + label.removeprefix(MODEL)) == "LoRA"
    ]
    return f"{prompt}\n{''.join(tags)}" if tags else prompt


def with_installed_names(prompt: str, fields: Mapping[str, object], name_of_hash: Callable[[str], str | None]) -> str:
    """The prompt with LoRA tags that name what lies here under the hash that the infotext gives for their names.

    A tag without numbers keeps its name, as in A1111.
    """
    pairs = (item.partition(":") for item in str(fields.get(HASHES, "")).split(","))
    hashes = {name.strip(): digits.strip() for name, _, digits in pairs}

    def renamed(match: re.Match[str]) -> str:
        digits = hashes.get(match[1])
        name = name_of_hash(digits) if digits else None
        return match[0] if name is None else f"<lora:{name}:"

    return _TAG_WITH_ITEMS.sub(renamed, prompt)

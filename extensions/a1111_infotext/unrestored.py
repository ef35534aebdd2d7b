"""Names the items of an infotext that nothing here can take in."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from app.api import UserError
from extensions.a1111_infotext.labels import LABELS, override_settings

PROMPTS = ("Prompt", "Negative prompt")
WITHOUT_EFFECT = frozenset(
    {
        "Version", "User", "Model", "Model hash", "VAE hash", "Hashes", "Lora hashes", "TI hashes", "Hypernet", "Hypernet strength", "App",
        "Batch size", "Batch pos", "Created Date", "Civitai resources", "Civitai metadata", "Eta DDIM", "Size", "First pass size",
        "Init image hash", "Source Identifier", "Time taken", "Precision", "VAE precision", "Text encoder precision",
    }
)  # fmt: skip
"""Items that tell something and ask for nothing, or that are taken in by other means."""
LONGEST_VALUE = 5000


def unrestored(given: Mapping[str, str], known: Collection[str]) -> str:
    """A sentence about the items as they were ``given`` whose labels are not ``known``; "" when there are none."""
    defaults = {label.label: label for label in LABELS}
    left: dict[str, str] = {}
    for label, value in given.items():
        name = label.removesuffix("-1").removesuffix("-2")
        if label in PROMPTS or {label, name} & (WITHOUT_EFFECT | set(known)) or _is_default(label, value, defaults):
            continue
        left[name] = f"{left[name]}x{value}" if name in left else value
    if not left:
        return ""
    listed = ", ".join(f"{name} ({value[:LONGEST_VALUE]})" for name, value in left.items())
    return f"There is nothing here for: {listed}."


def _is_default(label: str, value: str, defaults: Mapping[str, object]) -> bool:
    """Whether the item says what is so anyway."""
    if label not in defaults:
        return False
    try:
        found = override_settings([f"{label}: {value}"])
    except UserError:
        return False
    return any(entry.label == label and found.get(entry.setting) == entry.default for entry in LABELS)

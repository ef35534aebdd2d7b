"""Recognises an infotext of Forge by its version, and names what in it has no counterpart."""

from __future__ import annotations

import re
from collections.abc import Mapping

from app.api import MetadataReading, parse_infotext
from extensions.a1111_infotext.api import find_infotext

_VERSION = re.compile(r"f\d+\.\d+|neo\b|forge", re.IGNORECASE)
"""``f2.0.1v1.10.1-previous-313-g8a042934``; ``neo``; ``forge``."""
_OWN = re.compile(
    r"Module \d+|Hires Module \d+|Hires CFG Scale|Distilled CFG Scale|Hires Distilled CFG Scale|Shift|Diffusion in Low Bits"
    r"|freeu_enabled|sag_enabled|pag_enabled|kohya_hrfix_enabled|dynthres_enabled|latent_modifier_enabled|lcm_multiplier_enabled"
)
_OFF = frozenset({"False", "Automatic", "Use same choices"})


def read_forge(chunks: Mapping[str, str]) -> MetadataReading | None:
    """The infotext as it is; None for pictures of others."""
    infotext = find_infotext(chunks)
    if infotext is None:
        return None
    fields = parse_infotext(infotext)
    if not _VERSION.match(fields.get("Version", "")):
        return None
    unread = tuple(label for label, value in fields.items() if _OWN.fullmatch(label) and value not in _OFF)
    return MetadataReading(infotext, software="Forge", unread=unread)

"""What other extensions may use of A1111's way with infotexts."""

from __future__ import annotations

from extensions.a1111_infotext.chunks import find_infotext
from extensions.a1111_infotext.labels import AS_WRITTEN, LABELS, Label, override_settings
from extensions.a1111_infotext.order import FIXED_LABELS
from extensions.a1111_infotext.params import InfotextSettings
from extensions.a1111_infotext.restore import FieldValue, restore
from extensions.a1111_infotext.samplers import SamplerNames

__all__ = [
    "AS_WRITTEN",
    "FIXED_LABELS",
    "LABELS",
    "FieldValue",
    "InfotextSettings",
    "Label",
    "SamplerNames",
    "find_infotext",
    "override_settings",
    "restore",
]

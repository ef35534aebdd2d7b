"""What other extensions may use of A1111's way with infotexts."""

from __future__ import annotations

from extensions.a1111_infotext.attention import WeightedText
from extensions.a1111_infotext.chips import FORM_KEY, Chips, label_keys, override_chips, with_chips
from extensions.a1111_infotext.chunks import find_infotext
from extensions.a1111_infotext.foreign import ForeignInfotext, JsonObject, file_stem, number_of, read_object, text_of
from extensions.a1111_infotext.labels import AS_WRITTEN, LABELS, Label, override_settings
from extensions.a1111_infotext.network_tags import with_installed_names, with_old_network_tags
from extensions.a1111_infotext.order import FIXED_LABELS
from extensions.a1111_infotext.params import InfotextSettings, ReadingSettings
from extensions.a1111_infotext.restore import STYLE_EXTRACTOR, FieldValue, StyleExtractor, old_first_pass_size, restore
from extensions.a1111_infotext.samplers import SamplerNames, second_pass_names
from extensions.a1111_infotext.scripts import SCRIPT_READER, ScriptReader, ScriptReading
from extensions.a1111_infotext.unrestored import unrestored
from extensions.a1111_infotext.wanted_model import WantedModel, wanted_model
from extensions.a1111_infotext.words import MASKED_CONTENT, NOT_MASKED, ONLY_MASKED, meaning_of

__all__ = [
    "AS_WRITTEN",
    "FIXED_LABELS",
    "FORM_KEY",
    "LABELS",
    "MASKED_CONTENT",
    "NOT_MASKED",
    "ONLY_MASKED",
    "SCRIPT_READER",
    "STYLE_EXTRACTOR",
    "Chips",
    "FieldValue",
    "ForeignInfotext",
    "InfotextSettings",
    "JsonObject",
    "Label",
    "ReadingSettings",
    "SamplerNames",
    "ScriptReader",
    "ScriptReading",
    "StyleExtractor",
    "WantedModel",
    "WeightedText",
    "file_stem",
    "find_infotext",
    "label_keys",
    "meaning_of",
    "number_of",
    "old_first_pass_size",
    "override_chips",
    "override_settings",
    "read_object",
    "restore",
    "second_pass_names",
    "text_of",
    "unrestored",
    "wanted_model",
    "with_chips",
    "with_installed_names",
    "with_old_network_tags",
]

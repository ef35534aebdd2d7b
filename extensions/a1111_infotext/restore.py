"""Fills in what A1111 takes absent fields of an infotext to mean."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TypeAlias

from app.api import StashKey, UserError, parse_attention, parse_infotext
from extensions.a1111_infotext.params import ReadingSettings
from extensions.a1111_infotext.versions import FULL_PRECISION_ALPHAS, HIRES_STYLES, NEW_TIMELINES, REFINER_BY_SIGMA, parse_version

FieldValue: TypeAlias = str | int | bool | list[str]
Fields: TypeAlias = dict[str, FieldValue]
StyleExtractor: TypeAlias = Callable[[str, str], tuple[list[str], str, str]]
"""(prompt, negative prompt) -> (names of the styles found, both prompts without them)."""
STYLE_EXTRACTOR = StashKey[StyleExtractor]("styles in pasted prompts")
"""In ``host.stash`` of the web process, where an extension keeps styles."""

DEFAULTS: Mapping[str, FieldValue] = {
    "Clip skip": "1",
    "Hires sampler": "Use same sampler",
    "Hires schedule type": "Use same scheduler",
    "Hires checkpoint": "Use same checkpoint",
    "Hires prompt": "",
    "Hires negative prompt": "",
    "Mask mode": "Inpaint masked",
    "Masked content": "original",
    "Inpaint area": "Whole picture",
    "Masked area padding": 32,
    "RNG": "GPU",
    "Schedule type": "Automatic",
    "Schedule max sigma": 0,
    "Schedule min sigma": 0,
    "Schedule rho": 0,
    "VAE Encoder": "Full",
    "VAE Decoder": "Full",
    "FP8 weight": "Disable",
    "Refiner switch by sampling steps": False,
}
_OLD_FIRST_PASS_AREA_PX = 512 * 512
_OLD_FIRST_PASS_STEP_PX = 64


def restore(infotext: str, settings: ReadingSettings, *, extract_styles: StyleExtractor | None = None) -> Fields:
    """All fields that A1111 would find in an infotext, with its defaults for absent ones."""
    fields: Fields = dict(parse_infotext(infotext))
    if extract_styles is not None and settings.infotext_styles != "Ignore":
        _take_out_styles(fields, extract_styles, settings.infotext_styles)
    prompts = (str(fields["Prompt"]), str(fields["Negative prompt"]))
    _turn_hypernetwork_into_tag(fields)
    if "Hires resize-1" not in fields:
        fields["Hires resize-1"] = fields["Hires resize-2"] = 0
    for key, value in DEFAULTS.items():
        fields.setdefault(key, value)
    if fields["FP8 weight"] != "Disable":
        fields.setdefault("Cache FP16 weight for LoRA", False)
    _restore_old_hires_size(fields, settings.use_old_hires_fix_width_height)
    if any(_uses_weights(prompt) for prompt in prompts):
        fields.setdefault("Emphasis", "Original")
    if settings.auto_backcompat:
        _imitate_old_version(fields)
    return {key: value for key, value in fields.items() if key not in settings.infotext_skip_pasting}


def _take_out_styles(fields: Fields, extract: StyleExtractor, mode: str) -> None:
    prompt, negative = str(fields["Prompt"]), str(fields["Negative prompt"])
    names, prompt_left, negative_left = extract(prompt, negative)
    if _second_pass_has_styles(fields):
        hires = extract(str(fields.get("Hires prompt", prompt)), str(fields.get("Hires negative prompt", negative)))
        if hires[0] != names:
            return
        fields["Hires prompt"] = "" if hires[1] == prompt_left else hires[1]
        fields["Hires negative prompt"] = "" if hires[2] == negative_left else hires[2]
    fields["Prompt"], fields["Negative prompt"] = prompt_left, negative_left
    if mode == "Apply" or (mode == "Apply if any" and names):
        fields["Styles array"] = names


def _second_pass_has_styles(fields: Fields) -> bool:
    if "Hires prompt" not in fields and "Hires negative prompt" not in fields:
        return False
    version = parse_version(str(fields.get("Version", "")))
    return version is None or version > HIRES_STYLES


def _turn_hypernetwork_into_tag(fields: Fields) -> None:
    if "Hypernet" in fields:
        fields["Prompt"] = f"{fields['Prompt']}<hypernet:{fields['Hypernet']}:{fields.get('Hypernet strength', '1.0')}>"


def _restore_old_hires_size(fields: Fields, final_size_is_hires_size: bool) -> None:
    """Sizes of a second pass as the oldest versions wrote them: the final size, and "First pass size"."""
    hires = (_whole(fields, "Hires resize-1", 0), _whole(fields, "Hires resize-2", 0))
    if final_size_is_hires_size and all(hires):
        fields["Size-1"], fields["Size-2"] = hires
        return
    if "First pass size-1" not in fields or "First pass size-2" not in fields:
        return
    first = (_whole(fields, "First pass size-1", 0), _whole(fields, "First pass size-2", 0))
    final = (_whole(fields, "Size-1", 512), _whole(fields, "Size-2", 512))
    fields["Size-1"], fields["Size-2"] = first if all(first) else old_first_pass_size(*final)
    fields["Hires resize-1"], fields["Hires resize-2"] = final


def old_first_pass_size(width: int, height: int) -> tuple[int, int]:
    """Size of the first pass in the oldest versions: about 512x512 pixels in the final shape, in steps of 64."""
    scale = math.sqrt(_OLD_FIRST_PASS_AREA_PX / max(1, width * height))
    wide, high = (math.ceil(scale * side / _OLD_FIRST_PASS_STEP_PX) * _OLD_FIRST_PASS_STEP_PX for side in (width, height))
    return wide, high


def _whole(fields: Fields, key: str, default: int) -> int:
    text = str(fields.get(key, default))
    return int(text) if text.isdecimal() else default


def _uses_weights(prompt: str) -> bool:
    try:
        return any(weight != 1.0 and text != "BREAK" for text, weight in parse_attention(prompt))
    except UserError:  # a malformed weight: the user is told when the prompt is used, and still gets to see the other fields
        return True


def _imitate_old_version(fields: Fields) -> None:
    version = parse_version(str(fields.get("Version", "")))
    if version is None:
        return
    if version < NEW_TIMELINES and "[" in str(fields["Prompt"]):
        fields["Old prompt editing timelines"] = True
    if version < NEW_TIMELINES and fields.get("Sampler") in ("DDIM", "PLMS"):
        fields["Pad conds v0"] = True
    if version < FULL_PRECISION_ALPHAS:
        fields["Downcast alphas_cumprod"] = True
    if version < REFINER_BY_SIGMA and fields.get("Refiner"):
        fields["Refiner switch by sampling steps"] = True

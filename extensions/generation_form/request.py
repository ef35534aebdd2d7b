"""Turns what stands in the form into a generation request."""

from __future__ import annotations

from collections.abc import Mapping

from app.api import Json, UserError

NATIVE_SIZE = "native_size"
"""Form key: the native size of the checkpoint for which width and height were last filled in; no part of a request."""
SUBSEED_SHOWN = "subseed_show"
"""Form key: whether the extra block of the seed is open; closed, what stands in it counts for nothing."""
SUBSEED_FIELDS = ("subseed", "subseed_strength", "seed_resize_from_width", "seed_resize_from_height")
STYLES = "styles"
"""Form key and request field: names of the chosen styles; the control is drawn by another extension, if there is one."""
FIELDS = ("prompt", "negative_prompt", "sampler", "scheduler", "steps", "cfg_scale", "width", "height", "seed", "batch_count", "batch_size")
WHOLE_NUMBERS = frozenset(
    {"steps", "width", "height", "seed", "subseed", "seed_resize_from_width", "seed_resize_from_height", "batch_count", "batch_size"}
)
NUMBERS = WHOLE_NUMBERS | {"cfg_scale", "subseed_strength"}
SEEDS = frozenset({"seed", "subseed"})
RANDOM_SEED = -1
LARGEST_TYPED = 2**53 - 1
"""Largest whole number of a browser's number field: a larger one is another number when it arrives here."""
LABELS = {"cfg_scale": "CFG Scale", "subseed": "Variation seed", "subseed_strength": "Variation strength"}
DEFAULT_SAMPLER = "DPM++ 2M"
AUTOMATIC = "Automatic"


def make_request(values: Mapping[str, Json]) -> dict[str, Json]:
    """The request for the form's values (dotted keys, see ``Form.read``); an emptied seed means a random one."""
    fields = FIELDS + (SUBSEED_FIELDS if values.get(SUBSEED_SHOWN) else ())
    request: dict[str, Json] = {key: values[key] for key in fields if key in values}
    for key in NUMBERS & request.keys():
        request[key] = as_number(key, request[key])
    params: dict[str, dict[str, Json]] = {}
    for key, value in values.items():
        kind, _, rest = key.partition(".")
        feature, _, name = rest.partition(".")
        if kind == "params":
            params.setdefault(feature, {})[name] = value
    styles: dict[str, Json] = {STYLES: values[STYLES]} if values.get(STYLES) else {}
    return {**request, **styles, "params": dict(params)}


def as_number(key: str, value: Json) -> Json:
    """What was typed into a number field; raises UserError that names the field."""
    if key in SEEDS and value in (None, ""):
        return RANDOM_SEED
    label = LABELS.get(key) or key.replace("_", " ").capitalize()
    try:
        number = float(value) if isinstance(value, (str, int, float)) else float("nan")
        typed = int(number) if key in WHOLE_NUMBERS else number
    except (ValueError, OverflowError):
        raise UserError(f"{label} must be a number, not {value!r}.", hint="Type a number.", field=key) from None
    if key in WHOLE_NUMBERS and abs(typed) > LARGEST_TYPED:
        what = f"{label} can be {LARGEST_TYPED} at most: the page cannot hold {typed} exactly."
        raise UserError(what, hint="Type a smaller number.", field=key)
    return typed

"""Turns a pasted infotext into what stands in the form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from app.api import Json, Params, UserError, field_extra, parse_infotext
from extensions.txt2img.request import AUTOMATIC, NUMBERS, as_number

if TYPE_CHECKING:
    from app.api import Host

LAST_PROMPT = "params.txt"
PROMPTS = ("Prompt", "Negative prompt")
PASTED = {
    "Prompt": "prompt",
    "Negative prompt": "negative_prompt",
    "Steps": "steps",
    "Sampler": "sampler",
    "Schedule type": "scheduler",
    "CFG scale": "cfg_scale",
    "Seed": "seed",
    "Size-1": "width",
    "Size-2": "height",
}


def read_pasted(text: str, host: Host) -> dict[str, Json]:
    """Form values for an infotext; a text without parameters is a prompt. Raises UserError for what this host does not have.

    A sampler named together with its schedule ("DPM++ 2M Karras") is taken apart. Controls of features that the infotext does not
    mention go back to their defaults, because that is what the picture was made with.
    """
    fields = parse_infotext(text)
    has_parameters = len(fields) > len(PROMPTS)
    if not has_parameters:
        return {key: fields[label] for label, key in PASTED.items() if fields.get(label)}
    values: dict[str, Json] = {key: fields[label] for label, key in PASTED.items() if label in fields}
    values |= _sampler_values(fields, host)
    for key in NUMBERS & values.keys():
        values[key] = as_number(key, values[key])
    return values | dict(_feature_values(fields, host.params))


def _sampler_values(fields: Mapping[str, str], host: Host) -> dict[str, Json]:
    """What "Sampler" and "Schedule type" say, in the names of this host; unknown ones are left alone."""
    if "Sampler" not in fields:
        return {}
    name, label = fields["Sampler"], fields.get("Schedule type", AUTOMATIC)
    sampler = host.samplers.find(name)
    if sampler is None:
        for schedule in host.schedules:
            if name.lower().endswith(f" {schedule.label.lower()}"):
                sampler, label = host.samplers.find(name[: -len(schedule.label) - 1]), schedule.label
                break
    found = host.schedules.find(label)
    values: dict[str, Json] = {"scheduler": found.label if found else AUTOMATIC}
    if sampler is None:
        raise UserError(f"There is no sampler {name!r} here.", hint=f"There are: {', '.join(host.samplers.names())}.", field="sampler")
    return {**values, "sampler": sampler.name}


def _feature_values(fields: Mapping[str, str], models: Iterable[type[Params]]) -> Iterable[tuple[str, Json]]:
    """Every feature's controls: the infotext's value, or the default where the infotext is silent."""
    for model in models:
        for name, field in model.model_fields.items():
            label = field_extra(field).get("infotext")
            if isinstance(label, str):
                yield f"params.{model.feature}.{name}", _feature_value(model, name, fields.get(label))


def _feature_value(model: type[Params], name: str, text: str | None) -> Json:
    given = {} if text is None else {name: text}
    try:
        value: Json = model.model_validate(given).model_dump(mode="json")[name]
    except ValueError:
        raise UserError(f"The infotext says {text!r} for {name}, which cannot be.", field=name) from None
    return value

"""Turns a pasted infotext into what stands in the form."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from app.api import Json, NotFoundError, Params, UserError, field_extra, parse_infotext
from extensions.a1111_infotext.api import FORM_KEY, InfotextSettings, label_keys, override_chips, restore, unrestored
from extensions.checkpoints.api import current
from extensions.generation_form.request import AUTOMATIC, NUMBERS, SUBSEED_FIELDS, SUBSEED_SHOWN, as_number

if TYPE_CHECKING:
    from app.api import Host

LAST_PROMPT = "params.txt"
LOOK_BACK_JOBS = 20
CHOICES = frozenset({"sampler", "scheduler"})
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
    "Variation seed": "subseed",
    "Variation seed strength": "subseed_strength",
    "Seed resize from-1": "seed_resize_from_width",
    "Seed resize from-2": "seed_resize_from_height",
}


@dataclass(frozen=True)
class Pasted:
    """What an infotext says in the terms of the form; ``problems`` are sentences about what could not be restored."""

    values: Mapping[str, Json]
    problems: tuple[str, ...] = ()


def last_infotext(host: Host, owner: str) -> str:
    """Parameters of the user's last picture; without accounts those that are kept in the data folder. Raises NotFoundError.

    The file in the data folder knows no owners, so it is nothing for people who have logged in.
    """
    if owner:
        for job in host.jobs.list(owner=owner, limit=LOOK_BACK_JOBS):
            for image in job.result.images:
                if image.kind == "sample":
                    return image.infotext
    elif (host.paths.data / LAST_PROMPT).is_file():
        return (host.paths.data / LAST_PROMPT).read_text(encoding="utf-8")
    raise NotFoundError("The prompt is empty and nothing has been generated yet.", hint="Paste generation parameters first.")


def read_pasted(text: str, host: Host) -> Pasted:
    """Form values for an infotext; a text without parameters is a prompt. What cannot be restored is left out and named.

    A sampler named together with its schedule ("DPM++ 2M Karras") is taken apart. Controls of features that the infotext does not
    mention go back to their defaults, because that is what the picture was made with. Settings that differ from those in use, and
    another checkpoint, become override settings.
    """
    said = parse_infotext(text)
    has_parameters = len(said) > len(PROMPTS)
    if not has_parameters:
        return Pasted({key: said[label] for label, key in PASTED.items() if said.get(label)})
    fields = {label: str(value) for label, value in restore(text, _infotext_settings(host)).items() if not isinstance(value, list)}
    given: dict[str, Json] = {key: fields[label] for label, key in PASTED.items() if label in fields}
    readers: list[Callable[[], Mapping[str, Json]]] = [
        partial(_number_value, key, given.pop(key)) for key in sorted(NUMBERS & given.keys())
    ]
    readers += [partial(_sampler_value, fields, host), partial(_schedule_value, fields, host)]
    for model in host.params:
        choices = model.choices(host)
        read_values = model.read_infotext(fields, host)
        readers += [partial(_feature_value, model, name, value, choices.get(name)) for name, value in read_values.items()]
    values: dict[str, Json] = {key: given[key] for key in given.keys() - CHOICES}
    values[SUBSEED_SHOWN] = any(PASTED[label] in SUBSEED_FIELDS for label in fields.keys() & PASTED.keys())
    problems: list[str] = []
    for read in readers:
        try:
            values.update(read())
        except UserError as error:
            problems.append(str(error))
    chips = override_chips(fields, host, handled=_labels_of_features(host), checkpoint=current(host))
    values[FORM_KEY] = list(chips.chips)
    known = {*PASTED, "Size", *_labels_of_features(host), *label_keys(host), *_skipped(host)}
    nothing_for = unrestored(said, known)
    return Pasted(values, (*problems, *chips.problems, *([nothing_for] if nothing_for else ())))


def _infotext_settings(host: Host) -> InfotextSettings:
    values = host.settings.snapshot()
    return InfotextSettings.model_validate({key: values[key] for key in InfotextSettings.model_fields if key in values})


def _skipped(host: Host) -> list[str]:
    return _infotext_settings(host).infotext_skip_pasting


def _labels_of_features(host: Host) -> set[str]:
    """Labels that have a control of their own in the form."""
    return {str(field_extra(field).get("infotext")) for model in host.params for field in model.model_fields.values()}


def _number_value(key: str, value: Json) -> Mapping[str, Json]:
    return {key: as_number(key, value)}


def _sampler_value(fields: Mapping[str, str], host: Host) -> Mapping[str, Json]:
    """The sampler in the words of this host."""
    if "Sampler" not in fields:
        return {}
    name, _ = _taken_apart(fields, host)
    sampler = host.samplers.find(name)
    if sampler is None:
        raise UserError(f"There is no sampler {name!r} here.", hint=f"There are: {', '.join(host.samplers.names())}.", field="sampler")
    return {"sampler": sampler.name}


def _schedule_value(fields: Mapping[str, str], host: Host) -> Mapping[str, Json]:
    """The schedule in the words of this host; a picture that names only a sampler was made with that sampler's own."""
    if "Sampler" not in fields and "Schedule type" not in fields:
        return {}
    _, label = _taken_apart(fields, host)
    found = host.schedules.find(label)
    if found is None and label != AUTOMATIC:
        raise UserError(f"There is no schedule type {label!r} here.", field="scheduler")
    return {"scheduler": found.label if found else AUTOMATIC}


def _taken_apart(fields: Mapping[str, str], host: Host) -> tuple[str, str]:
    """Names of sampler and schedule; older versions wrote them as one ("DPM++ 2M Karras")."""
    name, label = fields.get("Sampler", ""), fields.get("Schedule type", AUTOMATIC)
    if host.samplers.find(name) is None:
        for schedule in host.schedules:
            if name.lower().endswith(f" {schedule.label.lower()}"):
                return name[: -len(schedule.label) - 1], schedule.label
    return name, label


def _feature_value(model: type[Params], name: str, said: Json, choices: Sequence[str] | None) -> Mapping[str, Json]:
    """A feature's control: what the infotext says of it, as the feature understands it, if it can be chosen."""
    try:
        value: Json = model.model_validate({name: said}).model_dump(mode="json")[name]
    except ValueError:
        label = field_extra(model.model_fields[name]).get("infotext", name)
        raise UserError(f"The infotext says {said!r} for {label}, which cannot be.", field=name) from None
    if choices is not None and value not in choices and value != model.model_fields[name].default:
        label = field_extra(model.model_fields[name]).get("infotext", name)
        raise UserError(f"{label}: {value!r} is not here; the control keeps its value.", field=name)
    return {f"params.{model.feature}.{name}": value}

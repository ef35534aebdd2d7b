"""Turns a pasted infotext into what stands in the form."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from app.api import Json, NotFoundError, Params, UserError, field_extra, parse_infotext, resolve_sampler, split_sampler
from extensions.a1111_infotext.api import (
    FORM_KEY,
    SCRIPT_READER,
    STYLE_EXTRACTOR,
    FieldValue,
    ReadingSettings,
    SamplerNames,
    label_keys,
    override_chips,
    restore,
    unrestored,
)
from extensions.checkpoints.api import current
from extensions.generation_form.request import AUTOMATIC, NUMBERS, STYLES, SUBSEED_FIELDS, SUBSEED_SHOWN, as_number

if TYPE_CHECKING:
    from app.api import Host

LAST_PROMPT = "params.txt"
LOOK_BACK_JOBS = 20
CHOICES = frozenset({"sampler", "scheduler"})
PROMPTS = ("Prompt", "Negative prompt")
STYLES_FOUND = "Styles array"
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
    another checkpoint, become override settings. Styles whose texts stand in the prompts are taken out of them and chosen.
    """
    said = parse_infotext(text)
    restored, problems = _restored(text, host)
    fields = {label: str(value) for label, value in restored.items() if not isinstance(value, list)}
    found = restored.get(STYLES_FOUND)
    styles: dict[str, Json] = {STYLES: list(found)} if isinstance(found, list) else {}
    has_parameters = len(said) > len(PROMPTS)
    if not has_parameters:
        prompts = {PASTED[label]: fields[label] for label in PROMPTS if said.get(label) and label in fields}
        return Pasted({**prompts, **styles}, tuple(problems))
    given: dict[str, Json] = {key: fields[label] for label, key in PASTED.items() if label in fields}
    readers: list[Callable[[], Mapping[str, Json]]] = [
        partial(_number_value, key, given.pop(key)) for key in sorted(NUMBERS & given.keys())
    ]
    readers += [partial(_sampler_value, fields, host), partial(_schedule_value, fields, host)]
    for model in host.params:
        choices, told = model.choices(host), model.read_infotext(fields, host)
        readers += [partial(_feature_value, model, name, value, choices.get(name)) for name, value in told.items()]
    values: dict[str, Json] = {**{key: given[key] for key in given.keys() - CHOICES}, **styles}
    values[SUBSEED_SHOWN] = any(PASTED[label] in SUBSEED_FIELDS for label in fields.keys() & PASTED.keys())
    for read in readers:
        try:
            values.update(read())
        except UserError as error:
            problems.append(str(error))
    chips = override_chips(fields, host, handled=_labels_of_features(host, fields), checkpoint=current(host))
    values[FORM_KEY] = list(chips.chips)
    labels = _script_values(fields, host, values, problems)
    known = {*PASTED, "Size", *_labels_of_features(host, fields), *label_keys(host), *_skipped(host), *labels}
    nothing_for = unrestored(said, known)
    return Pasted(values, (*problems, *chips.problems, *([nothing_for] if nothing_for else ())))


def _script_values(fields: Mapping[str, str], host: Host, values: dict[str, Json], problems: list[str]) -> frozenset[str]:
    """Fill in the script that the infotext names, where there are scripts; returns the labels that say so."""
    reader = host.stash.get(SCRIPT_READER, None)
    if reader is None:
        return frozenset()
    told = reader(fields)
    values.update(told.values)
    if told.problem:
        problems.append(told.problem)
    return told.labels


def _restored(text: str, host: Host) -> tuple[Mapping[str, FieldValue], list[str]]:
    """All fields, and what went wrong; where the styles cannot be read the prompts keep theirs."""
    settings, extractor = _infotext_settings(host), host.stash.get(STYLE_EXTRACTOR, None)
    try:
        return restore(text, settings, extract_styles=extractor), []
    except UserError as error:
        return restore(text, settings), [str(error)]


def _infotext_settings(host: Host) -> ReadingSettings:
    return ReadingSettings.of(host.settings.snapshot())


def _skipped(host: Host) -> list[str]:
    return _infotext_settings(host).infotext_skip_pasting


def _labels_of_features(host: Host, fields: Mapping[str, str]) -> set[str]:
    """Labels that have a control of their own in the form."""
    return {label for model in host.params for label in model.labels(fields)}


def _number_value(key: str, value: Json) -> Mapping[str, Json]:
    return {key: as_number(key, value)}


def _sampler_value(fields: Mapping[str, str], host: Host) -> Mapping[str, Json]:
    """The sampler in the words of this host."""
    if "Sampler" not in fields:
        return {}
    sampler, _ = resolve_sampler(fields["Sampler"], host.samplers, host.schedules)
    return {"sampler": sampler.name}


def _schedule_value(fields: Mapping[str, str], host: Host) -> Mapping[str, Json]:
    """The schedule in the words of this host: a sampler's own is Automatic, which is also what a picture without one was made with."""
    if "Sampler" not in fields and "Schedule type" not in fields:
        return {}
    sampler, combined = split_sampler(fields.get("Sampler", ""), host.samplers, host.schedules)
    label = combined or fields.get("Schedule type", AUTOMATIC)
    found = host.schedules.find(label)
    if found is None and label != AUTOMATIC:
        raise UserError(f"There is no schedule type {label!r} here.", field="scheduler")
    if found is None or sampler is None:
        return {"scheduler": found.label if found else AUTOMATIC}
    _, shown = SamplerNames(list(host.samplers), list(host.schedules)).pasted(sampler.name, found.label)
    return {"scheduler": shown}


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

"""The request field ``infotext``: what it says fills the fields that were not sent."""

from __future__ import annotations

from typing import TypeVar

from app.api import Host, Json, field_extra, parse_infotext
from extensions.a1111_api.body import DrawingBody, Txt2ImgBody
from extensions.a1111_api.scripts import always_on
from extensions.a1111_infotext.api import (
    AS_WRITTEN,
    LABELS,
    ReadingSettings,
    label_keys,
    override_settings,
    restore,
    unrestored,
    wanted_model,
)
from extensions.styles.api import extract_styles, installed_styles

CHECKPOINT = "sd_model_checkpoint"

B = TypeVar("B", bound=DrawingBody)
FIELD_LABELS = {
    "prompt": "Prompt",
    "negative_prompt": "Negative prompt",
    "styles": "Styles array",
    "steps": "Steps",
    "sampler_name": "Sampler",
    "scheduler": "Schedule type",
    "cfg_scale": "CFG scale",
    "seed": "Seed",
    "width": "Size-1",
    "height": "Size-2",
    "subseed": "Variation seed",
    "subseed_strength": "Variation seed strength",
    "seed_resize_from_w": "Seed resize from-1",
    "seed_resize_from_h": "Seed resize from-2",
    "denoising_strength": "Denoising strength",
    "image_cfg_scale": "Image CFG scale",
    "mask_blur": "Mask blur",
    "inpainting_fill": "Masked content",
    "inpaint_full_res": "Inpaint area",
    "inpaint_full_res_padding": "Masked area padding",
    "inpainting_mask_invert": "Mask mode",
}
"""The labels by the fields that they fill; fields that a body lacks are left out."""


def filled_from_infotext(body: B, host: Host, remarks: list[str]) -> B:
    """The body with the fields and settings of its infotext under what was sent; raises ValidationError for values that do not fit.

    ``remarks`` takes sentences about what could not be restored.
    """
    if not body.infotext:
        return body
    fields = read_fields(body.infotext, host)
    sent = body.model_dump(include=body.model_fields_set)
    found = _feature_fields(fields, host) | {name: fields[label] for name, label in FIELD_LABELS.items() if label in fields}
    if "sampler_index" in sent:
        found.pop("sampler_name", None)
    scripts = {**_script_arguments(fields, host), **body.alwayson_scripts}
    overrides = _settings(fields, host)
    if CHECKPOINT not in body.override_settings:
        overrides = {**overrides, **_checkpoint(fields, host, remarks)}
    nothing_for = unrestored(parse_infotext(body.infotext), _known_labels(body, fields, host))
    if nothing_for:
        remarks.append(f"infotext: {nothing_for}")
    merged = {"override_settings": {**overrides, **body.override_settings}, "alwayson_scripts": scripts}
    return type(body).model_validate({**found, **sent, **merged})


def read_fields(infotext: str, host: Host) -> dict[str, str | int | bool | list[str]]:
    """All fields of an infotext as A1111 understands them, with the styles of this installation taken out of its prompts."""
    styles, settings = installed_styles(host), ReadingSettings.of(host.settings.snapshot())
    return restore(infotext, settings, extract_styles=lambda prompt, negative: extract_styles(styles, prompt, negative))


def _known_labels(body: DrawingBody, fields: dict[str, str | int | bool | list[str]], host: Host) -> set[str]:
    """The labels that something here takes, or that the settings have left out."""
    texts = {label: str(value) for label, value in fields.items()}
    core = {label for name, label in FIELD_LABELS.items() if name in type(body).model_fields}
    features = {label for model in host.params for label in model.labels(texts)}
    as_written = {label.label for label in AS_WRITTEN if label.setting in host.settings.options}
    skipped = ReadingSettings.of(host.settings.snapshot()).infotext_skip_pasting
    return {*core, "Size", "Seed resize from", *features, *label_keys(host), *as_written, *skipped}


def _checkpoint(fields: dict[str, str | int | bool | list[str]], host: Host, remarks: list[str]) -> dict[str, Json]:
    """The checkpoint that the infotext names, if it is here."""
    if host.settings.get("disable_weights_auto_swap"):
        return {}
    wanted = wanted_model(fields, host)
    if wanted.problem:
        remarks.append(wanted.problem)
    return {CHECKPOINT: wanted.record.title} if wanted.record else {}


def _settings(fields: dict[str, str | int | bool | list[str]], host: Host) -> dict[str, Json]:
    """Settings that the infotext names, of those that exist here."""
    known = [label for label in (*LABELS, *AS_WRITTEN) if label.setting in host.settings.options]
    pairs = [f"{label}: {value}" for label, value in fields.items()]
    found = override_settings(pairs, host.settings.snapshot(), known)
    return {key: value for key, value in found.items() if value is not None and key != CHECKPOINT}


def _feature_fields(fields: dict[str, str | int | bool | list[str]], host: Host) -> dict[str, Json]:
    """What the infotext says to the features, by the fields of the request that reach them; their defaults are left out."""
    texts = {label: str(value) for label, value in fields.items()}
    said: dict[str, Json] = {}
    for model in host.params:
        for name, value in model.read_infotext(texts, host).items():
            info = model.model_fields[name]
            api_name = field_extra(info).get("api")
            if isinstance(api_name, str) and api_name in Txt2ImgBody.model_fields and value != info.default:
                said[api_name] = value
    return said


def _script_arguments(fields: dict[str, str | int | bool | list[str]], host: Host) -> dict[str, Json]:
    """What the infotext says to the features that are always-on scripts, by the script's title and the feature's fields.

    Fields that the request has itself, and labels that stand for settings, are left to these.
    """
    texts = {label: str(value) for label, value in fields.items()}
    said: dict[str, Json] = {}
    for title, model in always_on(host).items():
        if (model.labels(texts) & texts.keys()) - label_keys(host).keys():
            values = model.read_infotext(texts, host).items()
            said[title] = {"args": {name: value for name, value in values if not field_extra(model.model_fields[name]).get("api")}}
    return said

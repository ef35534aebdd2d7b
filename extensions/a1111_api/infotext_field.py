"""The request field ``infotext``: what it says fills the fields that were not sent."""

from __future__ import annotations

from app.api import Host, Json
from extensions.a1111_api.body import Txt2ImgBody
from extensions.a1111_infotext.api import AS_WRITTEN, LABELS, InfotextSettings, override_settings, restore
from extensions.styles.api import extract_styles, installed_styles

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
}


def filled_from_infotext(body: Txt2ImgBody, host: Host) -> Txt2ImgBody:
    """The body with the fields and settings of its infotext under what was sent; raises ValidationError for values that do not fit."""
    if not body.infotext:
        return body
    fields = read_fields(body.infotext, host)
    sent = body.model_dump(include=body.model_fields_set)
    found = {name: fields[label] for name, label in FIELD_LABELS.items() if label in fields}
    if "sampler_index" in sent:
        found.pop("sampler_name", None)
    return Txt2ImgBody.model_validate({**found, **sent, "override_settings": {**_settings(fields, host), **body.override_settings}})


def read_fields(infotext: str, host: Host) -> dict[str, str | int | bool | list[str]]:
    """All fields of an infotext as A1111 understands them, with the styles of this installation taken out of its prompts."""
    values = host.settings.snapshot()
    settings = InfotextSettings.model_validate({key: values[key] for key in InfotextSettings.model_fields if key in values})
    styles = installed_styles(host)
    return restore(infotext, settings, extract_styles=lambda prompt, negative: extract_styles(styles, prompt, negative))


def _settings(fields: dict[str, str | int | bool | list[str]], host: Host) -> dict[str, Json]:
    """Settings that the infotext names, of those that exist here."""
    known = [label for label in (*LABELS, *AS_WRITTEN) if label.setting in host.settings.options]
    pairs = [f"{label}: {value}" for label, value in fields.items()]
    found = override_settings(pairs, host.settings.snapshot(), known)
    return {key: value for key, value in found.items() if value is not None}

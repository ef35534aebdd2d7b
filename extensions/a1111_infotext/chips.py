"""Settings that a pasted infotext asks for and that differ from those in use: chips ``Label: value`` that ride with one job."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.api import Json, ModelRecord, UserError
from extensions.a1111_infotext.labels import LABELS, override_settings
from extensions.a1111_infotext.wanted_model import WantedModel, wanted_model

if TYPE_CHECKING:
    from app.api import Host

FORM_KEY = "override_settings"
CHECKPOINT = "sd_model_checkpoint"
CHECKPOINT_LABEL = "Model hash"


@dataclass(frozen=True)
class Chips:
    """The chips, and sentences about what could not become one."""

    chips: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def label_keys(host: Host) -> dict[str, str]:
    """The setting behind each infotext label, of those that exist here, in A1111's order."""
    options = host.settings.options
    known = {label.label: label.setting for label in LABELS if label.setting in options}
    own = {str(option.extra["infotext"]): key for key, option in options.items() if option.extra.get("infotext")}
    return {**known, **{label: key for label, key in own.items() if label not in known}}


def override_chips(
    fields: Mapping[str, object], host: Host, *, handled: Collection[str] = (), checkpoint: ModelRecord | None = None
) -> Chips:
    """Chips for the settings in restored ``fields`` that differ from those in use.

    ``handled`` are labels that have a control of their own; ``checkpoint`` is the one in use.
    """
    chips: list[str] = []
    problems: list[str] = []
    for label, key in label_keys(host).items():
        if label in handled or label not in fields or key == CHECKPOINT:
            continue
        try:
            if _setting(label, key, str(fields[label]), host) != host.settings.get(key):
                chips.append(f"{label}: {fields[label]}")
        except UserError as error:
            problems.append(str(error))
    model = _wanted(fields, host)
    if model.record is not None and (checkpoint is None or checkpoint.path != model.record.path):
        chips.insert(0, f"{CHECKPOINT_LABEL}: {model.record.short_hash or model.record.name}")
    return Chips(tuple(chips), (*([model.problem] if model.problem else ()), *problems))


def with_chips(request: Mapping[str, Json], chips: Json, host: Host) -> dict[str, Json]:
    """The request with the chips' settings and checkpoint in it; raises UserError that names a chip that cannot be."""
    listed: Sequence[Json] = chips if isinstance(chips, list) else ()
    keys, checkpoint = label_keys(host), request.get("checkpoint")
    settings: dict[str, Json] = {}
    for chip in listed:
        label, _, text = str(chip).partition(":")
        key, text = keys.get(label.strip()), text.strip()
        if key is None:
            raise UserError(f"{str(chip)!r} is no setting.", hint='Remove it from "Override settings".', field=FORM_KEY)
        if key == CHECKPOINT:
            checkpoint = text
        else:
            settings[key] = _setting(label.strip(), key, text, host)
    given = request.get("settings")
    merged = {**(given if isinstance(given, dict) else {}), **settings}
    return {**request, **({"checkpoint": checkpoint} if checkpoint else {}), **({"settings": merged} if merged else {})}


def _setting(label: str, key: str, text: str, host: Host) -> Json:
    """The text in the type of the setting; raises UserError."""
    found = override_settings([f"{label}: {text}"])
    value: Json = found[key] if key in found else text
    return host.settings.validated({key: value})[key]


def _wanted(fields: Mapping[str, object], host: Host) -> WantedModel:
    """The checkpoint of the infotext; where those are disregarded only that there is none like it, because the picture will differ."""
    found = wanted_model(fields, host)
    is_disregarded = bool(host.settings.get("disable_weights_auto_swap"))
    return WantedModel() if is_disregarded and found.record is not None else found

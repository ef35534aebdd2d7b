"""Axes that follow from models: one for each field of the request, of a feature's Params, and of the settings that change pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from app.api import Axis, AxisType, Control, GenerationRequest, Json, Option, Params, control_of, field_extra
from extensions.xyz_plot.changes import Apply, in_field, in_params, in_settings

if TYPE_CHECKING:
    from app.api import Host

COSTS = {"checkpoint": 1.0, "refiner_checkpoint": 1.0, "hr_checkpoint_name": 1.0, "sd_vae": 0.7, "hr_upscaler": 0.2}
"""Fields and settings whose change has files loaded."""
TYPES: Mapping[str, AxisType] = {"checkbox": "yes_no", "text": "text", "color": "text", "choice": "text"}
OWN_WAYS = frozenset(
    {"prompt", "negative_prompt", "styles", "checkpoint", "sampler", "scheduler", "params", "settings", "save", "steps"}
    | {"cfg_scale", "seed", "subseed", "subseed_strength"}
)
"""Fields of the request that have axes of another sort, or none."""


@dataclass(frozen=True)
class FeatureAxis(Axis):
    """The field ``name`` of a feature, which users know by the title ``group``."""

    model: type[Params] = Params
    name: str = ""
    group: str = ""


def request_axes() -> Iterator[Axis]:
    """The numbers of the request that A1111 has no axis for."""
    for name, info in GenerationRequest.model_fields.items():
        control = control_of(info)
        if name not in OWN_WAYS and control.kind in ("slider", "number", "checkbox"):
            yield Axis(name.replace("_", " ").capitalize(), _type_of(control), in_field(name), order=1100)


def params_axes(host: Host, form: str, known: Mapping[str, str]) -> Iterator[Axis]:
    """Fields of features that the form has; ``known`` names fields of A1111's request by the titles of its axes."""
    titles = {api_name: title for title, api_name in known.items()}
    for model in host.params:
        if model.is_offered(form):
            yield from _axes_of(model, host, titles)


def _axes_of(model: type[Params], host: Host, titles: Mapping[str, str]) -> Iterator[Axis]:
    listed, group = model.choices(host), model.script or host.extensions.get(host.params.owner(model.feature)).title
    for name, info in model.model_fields.items():
        extra, control = field_extra(info), control_of(info, listed.get(name))
        api_name = str(extra.get("api", ""))
        if info.title is None or control.kind == "choices" or extra.get("picture"):
            continue
        title = titles.get(api_name) or (info.title if info.title == group else f"{group}: {info.title}")
        names, apply = extra.get("names"), in_params(model.feature, name)
        if isinstance(names, list):
            axis = Axis(title, "text", apply, partial(list[str], [str(word) for word in names]), order=1200)
        else:
            axis = _axis(title, control, apply, partial(_now, model, name, host), api_name)
        yield FeatureAxis(**vars(axis), model=model, name=name, group=group)


def _axis(title: str, control: Control, apply: Apply, listed: Callable[[], Sequence[str]], key: str) -> Axis:
    if control.kind != "choice" or control.choices is None:
        return Axis(title, _type_of(control), apply, cost=COSTS.get(key, 0.0), order=1200)
    values, cost = dict(control.choices), COSTS.get(key, 0.0)
    return Axis(title, "text", lambda request, value: apply(request, values.get(str(value), value)), listed, cost=cost, order=1200)


def _now(model: type[Params], name: str, host: Host) -> list[str]:
    return [label for label, _ in control_of(model.model_fields[name], model.choices(host).get(name)).choices or ()]


def settings_axes(host: Host, known: Mapping[str, Sequence[str]]) -> Iterator[Axis]:
    """Settings that infotexts name, which means that they change pictures; ``known`` are A1111's axes by title."""
    options, taken = host.settings.options, {key for keys in known.values() for key in keys}
    for title, keys in known.items():
        here = [key for key in keys if key in options]
        if here:
            yield _setting_axis(title, options[here[0]], here, 0)
    for key, option in options.items():
        label = option.extra.get("infotext")
        if isinstance(label, str) and key not in taken and not option.extra.get("hidden"):
            yield _setting_axis(f"Setting: {option.label}", option, [key], 1300)


def _setting_axis(title: str, option: Option, keys: Sequence[str], order: int) -> Axis:
    control, apply = option.control, in_settings(*keys)
    cost = COSTS.get(option.key, 0.0)
    if control.kind == "choice" and control.choices is not None:
        values: dict[str, Json] = dict(control.choices)
        return Axis(
            title,
            "text",
            lambda request, value: apply(request, values.get(str(value), value)),
            lambda: [label for label, _ in option.control.choices or ()],
            cost=cost,
            order=order,
        )
    return Axis(title, _type_of(control), apply, cost=cost, order=order)


def _type_of(control: Control) -> AxisType:
    if control.kind in ("slider", "number"):
        return "whole" if control.whole else "number"
    return TYPES.get(control.kind, "text")

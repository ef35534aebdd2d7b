"""A1111's lists of scripts and of their arguments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from app.api import Json, Params, control_of
from extensions.a1111_api.scripts import WITHOUT_ARGUMENTS, always_on

if TYPE_CHECKING:
    from app.api import Host

FORMS = ("txt2img", "img2img")
BUILT_IN = tuple(title for title in ("sampler", "seed", "refiner") if title in WITHOUT_ARGUMENTS)
"""Parts of A1111's page that are always-on scripts with controls; what their arguments mean are fields of the body here as there."""


def script_titles(host: Host, form: str) -> list[str]:
    """Titles in lower case: always-on scripts first, then those of the list."""
    titles = [title.lower() for title, model in always_on(host).items() if model.is_offered(form)]
    return [*titles, *BUILT_IN, *(script.title.lower() for script in host.scripts if script.is_offered(form))]


def script_infos(host: Host, form: str) -> list[dict[str, Json]]:
    """Name, sort and arguments of each script of a form."""
    offered = [(title, model) for title, model in always_on(host).items() if model.is_offered(form)]
    infos = [_info(title, form, True, _arguments(model, model.choices(host))) for title, model in offered]
    infos += [_info(title, form, True, []) for title in BUILT_IN]
    for script in host.scripts:
        if script.is_offered(form):
            infos.append(_info(script.title, form, False, _arguments(script.params, script.params.form_choices(host, form))))
    return infos


def _info(title: str, form: str, is_always_on: bool, arguments: list[Json]) -> dict[str, Json]:
    return {"name": title.lower(), "is_alwayson": is_always_on, "is_img2img": form == FORMS[1], "args": arguments}


def _arguments(model: type[Params], listed: Any) -> list[Json]:
    return [_argument(model, name, listed.get(name)) for name in model.model_fields]


def _argument(model: type[Params], name: str, listed: Sequence[str] | None) -> dict[str, Json]:
    """One control; a limit or a list that it does not have is null."""
    field = model.model_fields[name]
    control = control_of(field, listed)
    value: Any = field.get_default(call_default_factory=True)
    choices: list[Json] | None = [label for label, _ in control.choices] if control.choices is not None else None
    return {
        "label": field.title or name,
        "value": list(value) if isinstance(value, tuple) else value,
        "minimum": control.lowest,
        "maximum": control.highest,
        "step": control.step,
        "choices": choices,
    }

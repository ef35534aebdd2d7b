"""The fields of a script as the page draws them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from app.api import Json, Script, control_of, field_extra

if TYPE_CHECKING:
    from app.api import Host

_NOT_IN_IDS = re.compile(r"[^a-z0-9_]")
PASSED_ON = ("lines", "placeholder", "file")
"""Extras of a field that only the page knows what to do with."""


def elem_id(script: Script, form: str, item: str, host: Host) -> str:
    """A1111's id of a control: ``script_<form>_<title>_<item>``, without the form for scripts that only one form has."""
    title = _NOT_IN_IDS.sub("", script.title.lower().replace(" ", "_"))
    only_here = script.forms == (form,)
    return f"script_{title}_{item}" if only_here else f"script_{form}_{title}_{item}"


def described(script: Script, form: str, host: Host) -> dict[str, Any]:
    """Id, title and fields of a script in a form."""
    listed = script.params.form_choices(host, form)
    shown = [name for name, info in script.params.model_fields.items() if not field_extra(info).get("hidden")]
    fields = [_field(script, name, form, host, listed.get(name)) for name in shown]
    return {"id": script.id, "title": script.title, "fields": fields}


def _field(script: Script, name: str, form: str, host: Host, listed: Any) -> dict[str, Any]:
    info = script.params.model_fields[name]
    extra, control = field_extra(info), control_of(info, listed)
    default: Json = info.get_default(call_default_factory=True)
    passed_on = {key: extra[key] for key in PASSED_ON if key in extra}
    return {
        "name": name,
        "label": info.title or name,
        "info": info.description,
        "elem_id": elem_id(script, form, str(extra.get("elem_id", name)), host),
        "kind": "radio" if extra.get("control") == "radio" else control.kind,
        "choices": control.choices,
        "minimum": control.lowest,
        "maximum": control.highest,
        "step": control.step,
        "whole": control.whole,
        "default": list(default) if isinstance(default, tuple) else default,
        **passed_on,
    }

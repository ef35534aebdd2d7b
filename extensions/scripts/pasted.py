"""Which script an infotext names: the list and the script's fields are filled from it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from app.api import Json, Script, control_of
from extensions.a1111_infotext.api import SCRIPT_READER, ScriptReading

if TYPE_CHECKING:
    from app.api import Host

CHOSEN, VALUES = "script", "script_values"
"""Form keys: the title of the chosen script, and the fields' values of all scripts as JSON, by the scripts' ids."""
NONE = "None"
LABEL = "Script"


@contextmanager
def reading_scripts(host: Host) -> Iterator[None]:
    """Fill the list from pasted infotexts while the host runs."""
    host.stash[SCRIPT_READER] = lambda fields: read_script(fields, host)
    try:
        yield
    finally:
        del host.stash[SCRIPT_READER]


def read_script(fields: Mapping[str, str], host: Host) -> ScriptReading:
    """The form's values, and the labels that are understood; without a script the list goes back to None."""
    title = fields.get(LABEL, NONE)
    script = host.scripts.find(title) if title != NONE else None
    if script is None:
        problem = f"There is no script {title!r} here." if title != NONE else ""
        return ScriptReading({CHOSEN: NONE}, frozenset({LABEL}), problem)
    told: dict[str, Json] = script.params.read_infotext(fields, host)
    told |= {name: value == str(True) for name, value in told.items() if isinstance(value, str) and _is_tick(script, name)}
    return ScriptReading(
        {CHOSEN: script.title, VALUES: json.dumps({script.id: told}, ensure_ascii=False)},
        frozenset({LABEL}) | script.params.labels(fields),
    )


def _is_tick(script: Script, name: str) -> bool:
    return control_of(script.params.model_fields[name]).kind == "checkbox"

"""What "Apply" would write: the values that stand in the form of the one who asks, and lines that the file does not have yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.api import Json, PageControl, UserError, Value
from extensions.ui_defaults.config_file import config_path, read_config, write_config
from extensions.ui_defaults.fields import current, fields_of, problem
from extensions.ui_defaults.matching import key_of
from extensions.ui_defaults.state import TAKEN, Taken

if TYPE_CHECKING:
    from app.api import Host


class Difference(Value):
    """A value that stands in the form and is another one than the default."""

    key: str
    tab: str
    label: str
    default: Json
    current: Json


class Defaults(Value):
    """``file``: its path; ``applied``: lines in use; ``refused``: sentences by line; ``unknown``: lines that name no control."""

    file: str
    exists: bool
    applied: int
    refused: dict[str, str]
    unknown: tuple[str, ...]
    changes: tuple[Difference, ...]


class Written(Value):
    """What was written: a sentence and how many lines are other ones or new."""

    message: str
    changed: int
    added: int


def list_defaults(host: Host, owner: str) -> Defaults:
    """How the file and the form stand."""
    taken, path = host.stash.get(TAKEN, Taken()), config_path(host)
    changes = tuple(_changes(taken, host, owner))
    return Defaults(
        file=str(path),
        exists=path.is_file(),
        applied=taken.applied,
        refused=dict(taken.refused),
        unknown=taken.unknown,
        changes=changes,
    )


def apply_defaults(host: Host, owner: str) -> Written:
    """Write the file: what stands in the form becomes the default after Reload UI, and missing lines are added; others are kept."""
    if host.options.lock_all_settings:
        raise UserError("The defaults cannot be changed: --freeze-settings was given.", status=403)
    taken, path = host.stash.get(TAKEN, Taken()), config_path(host)
    before = read_config(path)
    wanted = {change.key: change.current for change in _changes(taken, host, owner)}
    known = {key_of(control, field): current(control, field) for control in taken.controls for field in fields_of(control)}
    added = {key: value for key, value in known.items() if key not in before and key not in wanted}
    write_config(path, {**before, **added, **wanted})
    changed = len(wanted)
    words = f"{changed} defaults changed and {len(added)} lines added in {path.name}. They work after Reload UI."
    return Written(message=words, changed=changed, added=len(added))


def _changes(taken: Taken, host: Host, owner: str) -> list[Difference]:
    """Values of the forms that are other ones than the defaults and can be defaults; a draft of another build may hold old ones."""
    try:
        lines = read_config(config_path(host))
    except UserError:  # it was named when the page was built
        lines = {}
    drafts = {form: host.jobs.drafts.get(owner, form) or {} for form in {control.form for control in taken.controls if control.form}}
    found = []
    for control in taken.controls:
        typed = drafts.get(control.form, {})
        if "value" not in fields_of(control) or control.key not in typed:
            continue
        key, value = key_of(control, "value"), typed[control.key]
        default = _default(control, lines.get(key))
        if _without_empty(value) != _without_empty(default) and not problem(control, "value", value):
            found.append(Difference(key=key, tab=control.tab, label=control.label, default=default, current=value))
    return found


def _default(control: PageControl, line: Json) -> Json:
    """What the file has by now, where the control can have it: it may have been written after the page was built."""
    return line if line is not None and not problem(control, "value", line) else current(control, "value")


def _without_empty(value: Json) -> Json:
    """An empty text box says None or "" alike."""
    return None if value == "" else value

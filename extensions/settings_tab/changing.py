"""Changes several settings at once, all or none, and says what came of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from app.api import Json, UserError, Value
from extensions.settings_tab.listing import ListedSetting, list_setting

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.api import Host

Check = Callable[[str, Json], None]
WORKS = {
    "reload": ("{} works after Reload UI.", "{} work after Reload UI."),
    "restart": ("{} works after the next start of Paintbox.", "{} work after the next start of Paintbox."),
}
"""By what must happen first: the sentence about one key, and the one about several."""


class Changes(Value):
    """What somebody wants: new ``values`` by key, and keys to ``reset`` to their defaults.

    ``seen``: the values that stood there when they were changed, as far as known.
    """

    values: dict[str, Json] = {}
    reset: tuple[str, ...] = ()
    seen: dict[str, Json] = {}


class Changed(Value):
    """What came of it: sentences, the keys whose value is another one now, and how the settings that were sent stand.

    ``undo`` is what brings back the values of before; secrets cannot be brought back.
    """

    message: str
    changed: tuple[str, ...]
    needs: dict[str, tuple[str, ...]]
    settings: tuple[ListedSetting, ...]
    undo: Changes


class Refused(UserError):
    """Nothing was changed; ``sentences`` says why, by key."""

    def __init__(self, sentences: Mapping[str, str], status: int) -> None:
        super().__init__(f"Nothing was changed. {' '.join(sentences.values())}", field=next(iter(sentences)), status=status)
        self.sentences = dict(sentences)


def change(changes: Changes, host: Host, check: Check) -> Changed:
    """Set and reset; raises Refused with a sentence for every setting that cannot be so, and then nothing is changed.

    ``check`` raises UserError for a key and a value that who asks may not choose.
    """
    keys = (*changes.values, *(key for key in changes.reset if key not in changes.values))
    _check(changes, host, check)
    undo, overtaken = _undo(keys, host), _overtaken(keys, changes, host)
    changed = host.settings.set(changes.values, changes.reset)
    undo = undo.model_copy(update={"seen": {key: host.settings.get(key) for key in (*undo.values, *undo.reset)}})
    names = tuple(key for key in keys if key in changed)
    needs = _needs(names, host)
    settings = tuple(list_setting(host.settings.option(key), host) for key in keys)
    return Changed(message=" ".join((_sentence(names, needs), *overtaken)), changed=names, needs=needs, settings=settings, undo=undo)


def _overtaken(keys: tuple[str, ...], changes: Changes, host: Host) -> tuple[str, ...]:
    """A sentence for each value of somebody else that is about to be replaced unseen."""
    told = []
    for option in (host.settings.option(key) for key in keys if key in changes.seen):
        now, then = host.settings.get(option.key), changes.values.get(option.key, option.default)
        if now not in (changes.seen[option.key], then) and not option.is_secret:
            told.append(f"{option.label!r} was changed to {now!r} meanwhile; that is replaced.")
    return tuple(told)


def _undo(keys: tuple[str, ...], host: Host) -> Changes:
    """How the settings stand: values of config.json, and those that it does not have."""
    plain = [key for key in keys if not host.settings.option(key).is_secret]
    values = {key: host.settings.get(key) for key in plain if host.settings.source(key) in ("file", "this run")}
    return Changes(values=values, reset=tuple(key for key in plain if host.settings.source(key) == "default"))


def _check(changes: Changes, host: Host, check: Check) -> None:
    wrong: dict[str, UserError] = {}
    for key in (*changes.values, *changes.reset):
        try:
            option = host.settings.option(key)
            value = host.settings.validated({key: changes.values[key]})[key] if key in changes.values else option.default
            reason = "it has no control here" if option.extra.get("hidden") else host.settings.lock_reason(key)
            if reason and value != host.settings.get(key):
                raise UserError(f"The setting {option.label!r} ({key}) cannot be changed: {reason}.", field=key, status=403)
            check(key, value)
        except UserError as error:
            wrong[key] = error
    if wrong:
        statuses = {error.status for error in wrong.values()}
        raise Refused({key: str(error) for key, error in wrong.items()}, statuses.pop() if len(statuses) == 1 else 422)


def _needs(keys: tuple[str, ...], host: Host) -> dict[str, tuple[str, ...]]:
    """Keys by what must happen before their new value works."""
    waiting = {need: tuple(key for key in keys if host.settings.option(key).extra.get(need)) for need in WORKS}
    return {need: keys for need, keys in waiting.items() if keys}


def _sentence(changed: tuple[str, ...], needs: Mapping[str, tuple[str, ...]]) -> str:
    if not changed:
        count = "0 settings changed."
    else:
        count = f"1 setting changed: {changed[0]}." if len(changed) == 1 else f"{len(changed)} settings changed: {', '.join(changed)}."
    return " ".join([count, *(WORKS[need][len(keys) > 1].format(", ".join(keys)) for need, keys in needs.items())])

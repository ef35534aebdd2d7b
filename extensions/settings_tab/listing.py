"""Settings as data: what the page needs to draw each control, its value, where the value comes from and why it may be locked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.api import Json, Option, Value
from extensions.settings_tab.arrangement import arranged

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.api import Host

SOURCES = {
    "default": "",
    "file": "config.json",
    "this run": "this run of the program",
    "environment": "environment variable",
    "command line": "command line",
}
LOCKS = ("the command line sets it", "the environment variable {} sets it", "--freeze-settings was given", "--hide-ui-dir-config was given")
WORDS = (*(source for source in SOURCES.values() if " " in source), *LOCKS, "default", "empty", "hidden")
"""What the page says of values."""


class Choice(Value):
    """One choice of a drop-down."""

    label: str
    value: Json


class ListedSetting(Value):
    """One setting; ``source`` says where its value comes from ("" for the default), ``locked`` why it cannot be changed.

    ``infotext``: the name that it has in the parameters of pictures. ``needs`` is "reload" or "restart" when a change does not work at
    once. A secret's ``value`` is never sent: ``is_set`` tells whether there is one. ``problem`` says why its choices could not be listed.
    """

    key: str
    label: str
    help: str = ""
    infotext: str = ""
    owner: str
    control: str
    choices: tuple[Choice, ...] | None = None
    lowest: float | None = None
    highest: float | None = None
    step: float | None = None
    whole: bool = False
    optional: bool = False
    refresh: bool = False
    value: Json = None
    default: Json = None
    is_set: bool = False
    source: str = ""
    locked: str = ""
    needs: str = ""
    problem: str = ""


class ListedSection(Value):
    """A page of settings."""

    id: str
    title: str
    category: str
    settings: tuple[ListedSetting, ...]


def list_sections(host: Host) -> list[ListedSection]:
    """All sections that have a control, in the order of the page."""
    shown = [option for option in host.settings.options.values() if not option.extra.get("hidden")]
    return [section for category, options in arranged(shown) for section in _sections(category, options, host)]


def list_setting(option: Option, host: Host) -> ListedSetting:
    """One setting as it is now."""
    settings, key = host.settings, option.key
    control, problem = _control(option, host)
    value = settings.get(key)
    return ListedSetting(
        key=key,
        label=option.label,
        help=option.field.description or "",
        infotext=str(option.extra.get("infotext") or ""),
        owner=option.owner,
        problem=problem,
        refresh=option.choices is not None and option.choices.refresh is not None,
        value=None if option.is_secret else value,
        default=None if option.is_secret else option.default,
        is_set=value != option.default,
        source=SOURCES[settings.source(key)],
        locked=settings.lock_reason(key),
        needs="restart" if option.extra.get("restart") else "reload" if option.extra.get("reload") else "",
        **control,
    )


def _sections(category: str, options: Iterable[Option], host: Host) -> list[ListedSection]:
    """The sections of one category by title; several extensions may add to one section."""
    titles: dict[str, str] = {}
    settings: dict[str, list[ListedSetting]] = {}
    for option in options:
        titles.setdefault(option.section.id, option.section.title)
        settings.setdefault(option.section.id, []).append(list_setting(option, host))
    return [
        ListedSection(id=section_id, title=titles[section_id], category=category, settings=tuple(settings[section_id]))
        for section_id in sorted(titles, key=lambda section_id: titles[section_id])
    ]


def _control(option: Option, host: Host) -> tuple[dict[str, Any], str]:
    """What the control needs; a setting whose choices cannot be listed becomes a text field."""
    if option.is_secret:
        return {"control": "secret"}, ""
    with host.hooks.isolated(option.owner, f"the choices of the setting {option.key}"):
        control = option.control
        choices = None if control.choices is None else [{"label": label, "value": value} for label, value in control.choices]
        numbers = {"lowest": control.lowest, "highest": control.highest, "step": control.step}
        return {**numbers, "control": control.kind, "choices": choices, "whole": control.whole, "optional": control.optional}, ""
    return {"control": "choices" if isinstance(option.default, list) else "text"}, "Its choices could not be listed; the log says why."

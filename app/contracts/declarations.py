"""Small carriers that extensions declare or answer with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel


@dataclass(frozen=True)
class User:
    """Who asks; ``name`` "" is the local user of an installation without accounts."""

    name: str = ""


@dataclass(frozen=True)
class Credentials:
    """What a request brought: user name and password as typed (HTTP Basic or the login form)."""

    username: str
    password: str
    realm: Literal["page", "api"]


@dataclass(frozen=True)
class Problem:
    """An error answer of the route ``path``: its ``status`` and what its JSON body says, in A1111's form unless somebody gives another."""

    path: str
    status: int
    body: Mapping[str, Any]


@dataclass(frozen=True)
class Choices:
    """What a setting can be chosen from, where only the running program knows (files, things that are registered).

    ``listed`` is called whenever the control is drawn: values, or (label, value). ``refresh`` looks for new ones; with it the control
    has a button ``refresh_<key>``. A value that is not listed is no error: its file may come back.
    """

    listed: Callable[[], Sequence[str | tuple[str, str]]]
    refresh: Callable[[], object] | None = None


@dataclass(frozen=True)
class SettingsSection:
    """A section of settings: ``model`` is a frozen pydantic model whose fields are the options (their names are A1111's keys).

    Each is a ``pydantic.Field(default, title=..., description=..., ge=..., le=...)``; ``Option.extra`` lists what its ``json_schema_extra``
    may say. Values are read by ``host.settings.get(key)``, and in a job by ``run.settings[key]``.

    ``choices`` by key, for fields of text or lists of text whose choices the model cannot name. ``category`` is the heading under which
    the settings page lists the section; "" leaves it to that page.
    """

    id: str
    title: str
    model: type[BaseModel]
    choices: Mapping[str, Choices] = field(default_factory=dict)
    category: str = ""


@dataclass(frozen=True)
class MetadataReading:
    """An image's or text's metadata understood: ``infotext`` in A1111's form, ``software`` that wrote it, what could not be read."""

    infotext: str
    software: str = ""
    unread: tuple[str, ...] = ()


@dataclass(frozen=True)
class Completion:
    """Something that can be completed while a prompt is typed.

    ``text`` is what is shown and looked for, ``kind`` what it is, in a word ("style"); ``insert`` takes the place of what was typed, and
    ``negative`` does so in negative prompts where that is another text. ``opening``: how it begins in a prompt ("__", "<lora:"), so
    that it is offered as soon as that is typed; one that has none, or a tag's, is offered for plain words too.
    """

    text: str
    insert: str
    kind: str
    opening: str = ""
    negative: str | None = None


PlanInfo = Mapping[str, "str | int | float | None"]

"""Small carriers that extensions declare or answer with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

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
class SettingsSection:
    """A section of settings: ``model`` is a frozen pydantic model whose fields are the options (their names are A1111's keys)."""

    id: str
    title: str
    model: type[BaseModel]


@dataclass(frozen=True)
class MetadataReading:
    """An image's or text's metadata understood: ``infotext`` in A1111's form, ``software`` that wrote it, what could not be read."""

    infotext: str
    software: str = ""
    unread: tuple[str, ...] = ()


PlanInfo = Mapping[str, "str | int | float | None"]

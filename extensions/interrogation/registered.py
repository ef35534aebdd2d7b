"""The interrogators that are there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from extensions.interrogation import hookspecs
from extensions.interrogation.api import Interrogator

if TYPE_CHECKING:
    from app.api import Host


def registered(host: Host) -> list[Interrogator]:
    """All, in order."""
    owned = host.hooks.collect(hookspecs.register_interrogators, host=host)
    return sorted((item.value for item in owned), key=lambda item: (item.order, item.name.casefold()))


def find(name: str, host: Host) -> Interrogator | None:
    """The one of this role or name, whatever the case; None where there is none."""
    wanted, there = name.strip().casefold(), registered(host)
    by_role = next((item for item in there if item.role and item.role == wanted), None)
    return by_role or next((item for item in there if item.name.casefold() == wanted), None)

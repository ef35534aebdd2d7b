"""The samplers, under the names that A1111 gives them and in its order."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from app.api import Sampler, SettingsSection, hookimpl

from .listed import SAMPLERS
from .settings import SECTIONS

if TYPE_CHECKING:
    from app.api import Host


@hookimpl
def register_samplers(host: Host) -> Iterable[Sampler]:
    """All samplers."""
    return SAMPLERS


@hookimpl
def register_settings(host: Host) -> Iterable[SettingsSection]:
    """What only these samplers read."""
    return SECTIONS

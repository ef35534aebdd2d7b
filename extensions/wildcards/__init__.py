"""Wildcards: lists of texts in files, of which prompts ask for one by ``__name__`` (see ``api``)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from app.api import Completion, SettingsSection, hookimpl
from extensions.wildcards.settings import WildcardSettings

if TYPE_CHECKING:
    from app.api import Host


@hookimpl
def register_settings(host: Host) -> Iterable[SettingsSection]:
    """Where they lie."""
    return [SettingsSection("dynamicprompts", "Dynamic Prompts", WildcardSettings)]


@hookimpl
def register_routes(host: Host) -> Iterable[Any]:
    """The list of them."""
    from extensions.wildcards.routes import make_router

    return [make_router(host)]


@hookimpl
def list_completions(host: Host) -> Iterable[Completion]:
    """Their names."""
    from extensions.wildcards.api import open_library

    return [Completion(name, f"__{name}__", "Wildcard", opening="__") for name in open_library(host).names()]

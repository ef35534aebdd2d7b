"""Upscalers that are files: the ESRGAN and Real-ESRGAN families, and others where spandrel is installed."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from app.api import Listed, ModelFolder, ModelHeader, ModelIdentity, SettingsSection, Upscaler, hookimpl
from extensions.upscaler_files.settings import TileSettings

if TYPE_CHECKING:
    from app.api import Host


@hookimpl
def register_settings(host: Host) -> Iterable[SettingsSection]:
    """In A1111's section."""
    return [SettingsSection("upscaling", "Upscaling", TileSettings)]


@hookimpl
def register_model_folders(host: Host) -> Iterable[ModelFolder]:
    """Where the files lie."""
    from extensions.upscaler_files.files import FOLDERS

    return FOLDERS


@hookimpl(tryfirst=True)
def identify_model(header: ModelHeader, host: Host) -> ModelIdentity | None:
    """Upscalers by their tensors."""
    from extensions.upscaler_files.files import identify

    return identify(header, host)


@hookimpl
def register_upscalers(host: Host) -> Iterable[Upscaler | Listed[Upscaler]]:
    """Every file that can be used."""
    from extensions.upscaler_files.files import listed_upscalers

    return [listed_upscalers(host)]


@hookimpl
def lifespan(host: Host) -> Iterable[AbstractContextManager[None]]:
    """The network that was used last."""
    from extensions.upscaler_files.keep import keeping_last

    return [keeping_last(host)]


@hookimpl
def register_routes(host: Host) -> Iterable[Any]:
    """A1111's list."""
    from extensions.upscaler_files.routes import make_router

    return [make_router(host)]

"""Enlarging in the Extras tab."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from app.api import SettingsSection, hookimpl
from extensions.extras.api import ImageOperation
from extensions.extras_upscale.cache import keeping_images
from extensions.extras_upscale.params import UpscaleParams, UpscaleSaving, UpscaleSettings

if TYPE_CHECKING:
    from app.api import Host


@hookimpl
def register_settings(host: Host) -> Iterable[SettingsSection]:
    """In A1111's sections."""
    return [
        SettingsSection("postprocessing", "Postprocessing", UpscaleSettings),
        SettingsSection("saving-images", "Saving images/grids", UpscaleSaving),
    ]


@hookimpl
def lifespan(host: Host) -> Iterable[AbstractContextManager[None]]:
    """The cache."""
    return [keeping_images(host)]


@hookimpl
def register_image_operations(host: Host) -> Iterable[ImageOperation]:
    """The first of A1111's operations."""
    from extensions.extras_upscale.upscale import check, enlarge, prepare

    return [ImageOperation(UpscaleParams, "Upscale", 1000, enlarge, "extras_upscale", is_on=True, prepare=prepare, check=check)]

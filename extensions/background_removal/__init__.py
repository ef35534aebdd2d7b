"""Removing backgrounds in the Extras tab, by rembg where it is installed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from app.api import hookimpl, params_texts
from extensions.extras.api import ImageOperation

if TYPE_CHECKING:
    from app.api import Host


@hookimpl
def register_image_operations(host: Host) -> Iterable[ImageOperation]:
    """Only where it can be done."""
    from extensions.background_removal.models import has_rembg, models_there

    if not has_rembg() or not models_there():
        return []
    from extensions.background_removal.removal import operation

    return [operation()]


@hookimpl
def register_texts(host: Host) -> Iterable[str]:
    """The words of the controls, also where they are not shown."""
    from extensions.background_removal.removal import RemovalParams

    return params_texts(RemovalParams)

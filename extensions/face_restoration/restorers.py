"""The face restorers that are there, and which of them is in use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from app.api import Json
from extensions.face_restoration import hookspecs
from extensions.face_restoration.api import FaceRestorer

if TYPE_CHECKING:
    from app.api import Host

NONE_THERE = "no installed extension restores faces"


def registered(host: Host) -> list[FaceRestorer]:
    """All, in order."""
    owned = host.hooks.collect(hookspecs.register_face_restorers, host=host)
    return sorted((item.value for item in owned), key=lambda restorer: (restorer.order, restorer.name))


def in_use(host: Host, settings: Mapping[str, Json]) -> FaceRestorer | None:
    """The one that the settings name; else the first; None where there is none."""
    there = registered(host)
    wanted = str(settings.get("face_restoration_model") or "").casefold()
    return next((restorer for restorer in there if restorer.name.casefold() == wanted), there[0] if there else None)

"""The hook that this extension declares: face restorers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from app.api import hookspec
from extensions.face_restoration.api import FaceRestorer

if TYPE_CHECKING:
    from app.api import Host


@hookspec
def register_face_restorers(host: Host) -> Iterable[FaceRestorer]:
    """Collect: face restorers, for pictures that are drawn and for the Extras tab."""
    raise NotImplementedError

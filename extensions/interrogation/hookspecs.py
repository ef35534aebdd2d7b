"""The hook that this extension declares: programs that describe pictures."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from app.api import hookspec
from extensions.interrogation.api import Interrogator

if TYPE_CHECKING:
    from app.api import Host


@hookspec
def register_interrogators(host: Host) -> Iterable[Interrogator]:
    """Collect: taggers and captioners, for the Extras tab, for img2img and for the API."""
    raise NotImplementedError

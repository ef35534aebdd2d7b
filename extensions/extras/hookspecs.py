"""The hook that this extension declares: operations on finished pictures."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from app.api import hookspec
from extensions.extras.api import ImageOperation

if TYPE_CHECKING:
    from app.api import Host


@hookspec
def register_image_operations(host: Host) -> Iterable[ImageOperation]:
    """Collect: operations on finished pictures; each is a block of the Extras tab and a key of its jobs."""
    raise NotImplementedError

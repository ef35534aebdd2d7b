"""Prompt history: the last job's parameters, in params.txt."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from app.api import SavedImage, hookimpl, write_atomically

if TYPE_CHECKING:
    from app.api import Host

logger = logging.getLogger(__name__)
FILE = "params.txt"


@hookimpl
def on_image_saved(saved: SavedImage, host: Host) -> None:
    """Remember the infotext of a job's first picture."""
    if saved.kind != "sample" or saved.index != 0 or host.options.flag("no-prompt-history"):
        return
    path = host.paths.data / FILE
    try:
        write_atomically(path, saved.infotext.encode("utf-8"))
    except OSError as error:
        logger.warning("%s cannot be written: %s", path, error.strerror or error)

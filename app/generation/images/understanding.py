"""Asks the extensions what the metadata of a picture means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from app import hookspecs
from app.contracts import MetadataReading

if TYPE_CHECKING:
    from app.host import Host


def understand_metadata(metadata: Mapping[str, str], host: Host) -> MetadataReading | None:
    """The reading of the first extension that knows the metadata (see ``OpenedImage.metadata``); None when nobody does."""
    owned = host.hooks.first(hookspecs.read_metadata, chunks=metadata, host=host)
    return owned.value if owned else None

"""Understands the metadata of Forge's pictures: A1111's form, with labels of its own."""

from __future__ import annotations

from collections.abc import Mapping

from app.api import Host, MetadataReading, hookimpl
from extensions.forge_metadata.reading import read_forge


@hookimpl
def read_metadata(chunks: Mapping[str, str], host: Host) -> MetadataReading | None:
    """Pictures whose infotext tells a version of Forge."""
    return read_forge(chunks)

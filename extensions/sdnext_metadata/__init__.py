"""Understands the metadata of SD.Next's pictures: A1111's form, with labels of its own."""

from __future__ import annotations

from collections.abc import Mapping

from app.api import Host, MetadataReading, hookimpl
from extensions.sdnext_metadata.reading import read_sdnext


@hookimpl
def read_metadata(chunks: Mapping[str, str], host: Host) -> MetadataReading | None:
    """Pictures whose infotext names SD.Next."""
    return read_sdnext(chunks)

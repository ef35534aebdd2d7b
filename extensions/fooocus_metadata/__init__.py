"""Understands the metadata of Fooocus's pictures."""

from __future__ import annotations

from collections.abc import Mapping

from app.api import Host, MetadataReading, hookimpl
from extensions.fooocus_metadata.reading import read_fooocus


@hookimpl
def read_metadata(chunks: Mapping[str, str], host: Host) -> MetadataReading | None:
    """Pictures with Fooocus's JSON; those of its A1111 scheme have an infotext already."""
    return read_fooocus(chunks)

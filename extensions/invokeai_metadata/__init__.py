"""Understands the metadata of InvokeAI's pictures."""

from __future__ import annotations

from collections.abc import Mapping

from app.api import Host, MetadataReading, hookimpl
from extensions.invokeai_metadata.reading import read_invokeai


@hookimpl
def read_metadata(chunks: Mapping[str, str], host: Host) -> MetadataReading | None:
    """Pictures of InvokeAI 2 and later."""
    return read_invokeai(chunks)

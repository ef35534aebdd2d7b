"""Understands the metadata of NovelAI's pictures."""

from __future__ import annotations

from collections.abc import Mapping

from app.api import Host, MetadataReading, hookimpl
from extensions.novelai_metadata.reading import read_novelai


@hookimpl
def read_metadata(chunks: Mapping[str, str], host: Host) -> MetadataReading | None:
    """Pictures whose Software is NovelAI and whose Comment can be read."""
    infotext = read_novelai(chunks, lambda name: getattr(host.samplers.find(name), "name", None))
    return None if infotext is None else MetadataReading(infotext, software="NovelAI")

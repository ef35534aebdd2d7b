"""Understands the metadata of ComfyUI's pictures."""

from __future__ import annotations

from collections.abc import Mapping

from app.api import Host, MetadataReading, hookimpl
from extensions.comfyui_metadata.reading import read_comfyui


@hookimpl
def read_metadata(chunks: Mapping[str, str], host: Host) -> MetadataReading | None:
    """Pictures with ComfyUI's node graph, unless some node has written an infotext too."""
    return read_comfyui(chunks)

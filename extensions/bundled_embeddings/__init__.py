"""Embeddings that lie inside of LoRA files: words of prompts while the LoRA is in use."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from app.api import PassContext, Run, SettingsSection, hookimpl
from extensions.bundled_embeddings.settings import BundledSettings

if TYPE_CHECKING:
    from app.api import Host
    from extensions.textual_inversion.api import Embedding


@hookimpl
def register_settings(host: Host) -> Iterable[SettingsSection]:
    """In A1111's section."""
    return [SettingsSection("extra_networks", "Extra Networks", BundledSettings)]


@hookimpl
def find_embeddings(context: PassContext, run: Run) -> Iterable[Embedding]:
    """Those of the LoRA files that the pass uses."""
    from extensions.bundled_embeddings.bundles import bundled_embeddings

    return bundled_embeddings(context, run)

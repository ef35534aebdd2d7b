"""Hooks about model files: folders, what a file is, who can load it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from app.contracts import ModelFamily, NetworkType
from app.hookspecs.markers import hookspec
from app.values.model import ModelFolder, ModelHeader, ModelIdentity

if TYPE_CHECKING:
    from app.host import Host


@hookspec
def register_model_folders(host: Host) -> Iterable[ModelFolder]:
    """Collect: kinds of model folders: default place, file suffixes, command-line flag."""
    raise NotImplementedError


@hookspec
def identify_model(header: ModelHeader, host: Host) -> ModelIdentity | None:
    """First: say what a file is from its header alone; None when it is not yours. At most one extension may claim a file."""
    raise NotImplementedError


@hookspec
def register_model_families(host: Host) -> Iterable[ModelFamily]:
    """Collect: families that can load checkpoints."""
    raise NotImplementedError


@hookspec
def register_network_types(host: Host) -> Iterable[NetworkType]:
    """Collect: kinds of files that the page lists as cards, with the prompt tags that mean them (LoRAs, embeddings, checkpoints)."""
    raise NotImplementedError

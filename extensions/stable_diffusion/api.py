"""What other extensions may use of Stable Diffusion's files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from extensions.stable_diffusion.vae_file import VaeFile, read_vae

if TYPE_CHECKING:
    from app.api import ModelHeader, ModelIdentity
    from extensions.stable_diffusion.file_layers import CheckpointLayers

__all__ = ["VaeFile", "read_layers", "read_vae"]


def read_layers(header: ModelHeader, identity: ModelIdentity) -> CheckpointLayers:
    """The layers of a checkpoint's U-Net and text encoders, and where their weights lie in the file; nothing is loaded.

    Raises ModelFileError, without the file's name, for a checkpoint that lacks a part.
    """
    from extensions.stable_diffusion.file_layers import read_layers as read

    return read(header, identity)

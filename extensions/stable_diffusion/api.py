"""What other extensions may use of Stable Diffusion's files."""

from __future__ import annotations

from extensions.stable_diffusion.file_layers import CheckpointLayers, FilePlace, read_layers
from extensions.stable_diffusion.vae_file import VaeFile, read_vae

__all__ = ["CheckpointLayers", "FilePlace", "VaeFile", "read_layers", "read_vae"]

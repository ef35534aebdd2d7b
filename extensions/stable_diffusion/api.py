"""What other extensions may use of Stable Diffusion's files."""

from __future__ import annotations

from extensions.stable_diffusion.vae_file import VaeFile, read_vae

__all__ = ["VaeFile", "read_vae"]

"""Encodes the training pictures once and keeps their latents on disk."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from .fused_norm import build_kernel
from .layers import use_kernel
from .parallel import processes, rank, wait_for_all
from .train_vae import to_tensor
from .vae import AutoencoderKL

logger = logging.getLogger(__name__)

CHUNK = 1024
BATCH = 16


@torch.no_grad()
def cached_latents(folder: Path, vae: AutoencoderKL, pictures: NDArray[np.uint8]) -> NDArray[np.float16]:
    """Mean and deviation of the latents of all pictures, (pictures, 2, 4, 16, 16); encodes what is not there yet."""
    use_kernel(vae, build_kernel(folder))
    chunks = list(range(0, len(pictures), CHUNK))
    for start in chunks[rank() :: processes()]:
        path = folder / f"latents-{start:06d}.npy"
        if path.exists():
            continue
        parts = []
        for first in range(start, min(start + CHUNK, len(pictures)), BATCH):
            with torch.autocast("cpu", torch.bfloat16):
                mean, log_variance = vae.encode(to_tensor(pictures[first : first + BATCH]))
            parts.append(torch.stack([mean.float(), (0.5 * log_variance.float()).exp()], dim=1).half().numpy())
        partial = path.with_suffix(".partial.npy")
        np.save(partial, np.concatenate(parts))
        partial.rename(path)
        logger.info("latents of pictures from %d", start)
    wait_for_all()
    use_kernel(vae, None)
    return np.concatenate([np.load(folder / f"latents-{start:06d}.npy") for start in chunks])

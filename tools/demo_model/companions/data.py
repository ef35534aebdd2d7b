"""Scenes with a look, as pictures and as latents of the demo checkpoint's VAE, kept on disk."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from tools.demo_model.dataset import sample_scene
from tools.demo_model.renderer import render
from tools.demo_model.train_vae import to_tensor
from tools.demo_model.vae import AutoencoderKL

from .looks import Pixels

FIRST_SEED = 3_000_000
ENCODED_AT_ONCE = 16


@dataclass(frozen=True)
class Lesson:
    """What one companion learns from: mean and deviation of latents (N, 2, 4, 16, 16), and each picture's tags."""

    latents: NDArray[np.float16]
    scenes: Sequence[frozenset[str]]


def lesson(
    folder: Path, name: str, vae: AutoencoderKL, count: int, look: Callable[[Pixels], Pixels], shows: frozenset[str] = frozenset()
) -> Lesson:
    """``count`` scenes that show all of ``shows``, with this look; encoded by the first call."""
    seeds = _seeds(count, shows)
    path = folder / f"{name}-{count}.npy"
    if not path.exists():
        partial = path.with_suffix(".partial.npy")
        np.save(partial, _encoded(vae, seeds, look))
        partial.rename(path)
    return Lesson(np.load(path), [sample_scene(seed).tags for seed in seeds])


def _seeds(count: int, shows: frozenset[str]) -> list[int]:
    seeds: list[int] = []
    seed = FIRST_SEED
    while len(seeds) < count:
        if shows <= sample_scene(seed).tags:
            seeds.append(seed)
        seed += 1
    return seeds


@torch.no_grad()
def _encoded(vae: AutoencoderKL, seeds: Sequence[int], look: Callable[[Pixels], Pixels]) -> NDArray[np.float16]:
    parts = []
    for start in range(0, len(seeds), ENCODED_AT_ONCE):
        pictures = np.stack([look(np.asarray(render(sample_scene(seed)))) for seed in seeds[start : start + ENCODED_AT_ONCE]])
        with torch.autocast("cpu", torch.bfloat16):
            mean, log_variance = vae.encode(to_tensor(pictures))
        parts.append(torch.stack([mean.float(), (0.5 * log_variance.float()).exp()], dim=1).half().numpy())
    return np.concatenate(parts)

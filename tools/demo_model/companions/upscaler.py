"""Trains a small upscaler on the renderer's scenes, and writes it in Real-ESRGAN's compact layout (SRVGGNetCompact)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional

from tools.demo_model.dataset import sample_scene
from tools.demo_model.loop import Loop, Plan
from tools.demo_model.renderer import NATIVE_SIZE_PX, render
from tools.demo_model.train_vae import to_tensor
from tools.demo_model.vae import AutoencoderKL

from .data import FIRST_SEED

SCALE, FEATURES, LAYERS = 4, 24, 10
SCENES, BATCH, PATCH_PX = 1000, 12, 32
ENCODED_AT_ONCE = 20
DRAWN_SHARE, BLURRED_SHARE = 0.3, 0.35
"""Shares of patches that have been through the demo checkpoint's VAE, and of those that are blurred: it draws softly."""
MOST_BLUR_PX = 1.4
MARGIN_PX = 4
PEAK_RATE, WARMUP_STEPS = 1.2e-3, 100


class Compact(nn.Module):
    """Convolutions that find what is to be added to the picture's nearest pixels (Real-ESRGAN, arXiv:2107.10833)."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.ModuleList([nn.Conv2d(3, FEATURES, 3, padding=1), nn.PReLU(FEATURES)])
        for _ in range(LAYERS):
            self.body.extend([nn.Conv2d(FEATURES, FEATURES, 3, padding=1), nn.PReLU(FEATURES)])
        self.body.append(nn.Conv2d(FEATURES, 3 * SCALE**2, 3, padding=1))

    def forward(self, small: torch.Tensor) -> torch.Tensor:
        """(B, 3, h, w) in 0..1 to (B, 3, 4h, 4w)."""
        found = small
        for layer in self.body:
            found = layer(found)
        return functional.pixel_shuffle(found, SCALE) + functional.interpolate(small, scale_factor=SCALE, mode="nearest")


class Scenes:
    """Pictures of scenes: large (N, 512, 512, 3), small, and small ones that have been through the VAE; kept in ``folder``."""

    def __init__(self, folder: Path, vae: AutoencoderKL) -> None:
        path = folder / f"upscaler-{SCENES}.npy"
        if not path.exists():
            partial = path.with_suffix(".partial.npy")
            side = NATIVE_SIZE_PX * SCALE
            drawn = np.lib.format.open_memmap(partial, mode="w+", dtype=np.uint8, shape=(SCENES, side, side, 3))
            for number in range(SCENES):
                drawn[number] = np.asarray(render(sample_scene(FIRST_SEED + number), SCALE))
            drawn.flush()
            partial.rename(path)
        self.large: NDArray[np.uint8] = np.load(path, mmap_mode="r")
        self.small = np.stack([np.asarray(Image.fromarray(picture).reduce(SCALE)) for picture in self.large])
        self.drawn = _through(vae, self.small, folder / f"upscaler-drawn-{SCENES}.npy")

    def patches(self, step: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Small and large patches of one step, turned at random."""
        rng = np.random.default_rng((26, step))
        small, large = [], []
        for number in rng.integers(0, SCENES, BATCH):
            x, y = rng.integers(MARGIN_PX, NATIVE_SIZE_PX - PATCH_PX - MARGIN_PX + 1, 2)
            kind, turns, flips = rng.random(), int(rng.integers(4)), bool(rng.integers(2))
            source = self.drawn if kind < DRAWN_SHARE else self.small
            blur_px = rng.uniform(0, MOST_BLUR_PX) if kind > 1 - BLURRED_SHARE else 0.0
            small.append(_turned(_blurred(source[number], x, y, blur_px), turns, flips))
            area = (slice(y * SCALE, (y + PATCH_PX) * SCALE), slice(x * SCALE, (x + PATCH_PX) * SCALE))
            large.append(_turned(self.large[(number, *area)], turns, flips))
        return _unit(np.stack(small)), _unit(np.stack(large))


def _blurred(picture: NDArray[np.uint8], x: int, y: int, blur_px: float) -> NDArray[np.uint8]:
    """The patch at (x, y), blurred with what lies around it."""
    around = picture[y - MARGIN_PX : y + PATCH_PX + MARGIN_PX, x - MARGIN_PX : x + PATCH_PX + MARGIN_PX]
    if blur_px:
        around = np.asarray(Image.fromarray(around).filter(ImageFilter.GaussianBlur(blur_px)))
    return around[MARGIN_PX:-MARGIN_PX, MARGIN_PX:-MARGIN_PX]


def _turned(patch: NDArray[np.uint8], turns: int, flips: bool) -> NDArray[np.uint8]:
    turned = np.rot90(patch, turns)
    return turned[:, ::-1] if flips else turned


def _unit(pictures: NDArray[np.uint8]) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(pictures)).permute(0, 3, 1, 2).float().div(255)


@torch.no_grad()
def _through(vae: AutoencoderKL, pictures: NDArray[np.uint8], path: Path) -> NDArray[np.uint8]:
    """The pictures encoded and decoded; by the first call."""
    if not path.exists():
        parts = []
        for start in range(0, len(pictures), ENCODED_AT_ONCE):
            with torch.autocast("cpu", torch.bfloat16):
                mean, _ = vae.encode(to_tensor(pictures[start : start + ENCODED_AT_ONCE]))
                decoded = vae.decode(mean)
            parts.append(decoded.float().add(1).mul(127.5).round().clamp(0, 255).byte().permute(0, 2, 3, 1).numpy())
        np.save(path, np.concatenate(parts))
    found: NDArray[np.uint8] = np.load(path)
    return found


def train_upscaler(folder: Path, vae: AutoencoderKL, budget_s: float) -> Compact:
    """Train within ``budget_s`` seconds, resuming from ``folder``."""
    torch.manual_seed(26)
    network, scenes = Compact(), Scenes(folder, vae)

    def loss_of(step: int, share: float) -> torch.Tensor:
        small, large = scenes.patches(step)
        return functional.l1_loss(network(small), large) * 10

    plan = Plan("upscaler", folder / "upscaler.pt", budget_s, PEAK_RATE, WARMUP_STEPS, ("body.0.", f"body.{2 * LAYERS + 2}."))
    Loop(plan, list(network.named_parameters())).run(loss_of)
    return network


def write_upscaler(path: Path, network: Compact) -> None:
    """Write the file in half precision."""
    facts = {"format": "pt", "modelspec.title": "Demo scenes 4x", "modelspec.description": "Enlarges the demo checkpoint's pictures"}
    save_file({name: tensor.detach().half().contiguous() for name, tensor in network.state_dict().items()}, path, facts)

"""A small convolutional network that says which tags a picture shows; it judges the demo checkpoint."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from .dataset import sample_scene
from .renderer import TAGS, render
from .state import load_if_there, save_atomically
from .train_vae import to_tensor
from .vae import AutoencoderKL

logger = logging.getLogger(__name__)

FIRST_SEED = 5_000_000  # far from the training pictures
HELD_OUT_SEED = 6_000_000
TRAINING_PICTURES = 8_000
STEPS = 1_500
BATCH = 32
PEAK_RATE = 3e-3


class TagClassifier(nn.Module):
    """(B, 3, 128, 128) in -1..1 to one logit per tag (B, 30)."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        inputs = 3
        for outputs, stride in ((32, 2), (64, 2), (96, 2), (128, 1), (128, 2), (160, 1)):
            layers += [nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()]
            inputs = outputs
        self.features = nn.Sequential(*layers)
        self.head = nn.Linear(2 * inputs, len(TAGS))

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        found = self.features(pixels).flatten(2)
        return self.head(torch.cat([found.mean(dim=2), found.amax(dim=2)], dim=1))  # type: ignore[no-any-return]


def pictures_and_labels(first_seed: int, count: int) -> tuple[NDArray[np.uint8], torch.Tensor]:
    """Rendered pictures (count, 128, 128, 3) and their tags (count, 30)."""
    scenes = [sample_scene(first_seed + index) for index in range(count)]
    labels = torch.tensor([[float(tag in scene.tags) for tag in TAGS] for scene in scenes])
    return np.stack([np.asarray(render(scene)) for scene in scenes]), labels


@torch.no_grad()
def through_vae(vae: AutoencoderKL, pixels: torch.Tensor, noise: float) -> torch.Tensor:
    """Encodes and decodes pixels, with noise of that share of the latents' deviation added between."""
    parts = []
    for part in pixels.split(16):
        with torch.autocast("cpu", torch.bfloat16):
            mean = vae.encode(part)[0].float()
            drawn = vae.decode(mean + noise * mean.std() * torch.randn_like(mean))
        parts.append(drawn.float().clamp(-1, 1))
    return torch.cat(parts)


def trained_classifier(path: Path, vae: AutoencoderKL) -> TagClassifier:
    """The classifier saved at `path`; trained on plain and autoencoded pictures first if there is none."""
    torch.manual_seed(7)
    model = TagClassifier().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    saved = load_if_there(path)
    if saved is None:
        _train(model, vae)
        save_atomically(model.state_dict(), path)
    else:
        model.load_state_dict(saved)
    return model.eval()


def _train(model: TagClassifier, vae: AutoencoderKL) -> None:
    pictures, labels = pictures_and_labels(FIRST_SEED, TRAINING_PICTURES)
    part = TRAINING_PICTURES // 5
    coded = through_vae(vae, to_tensor(pictures[:part]), 0.0)
    rough = through_vae(vae, to_tensor(pictures[part : 2 * part]), 0.15)
    seen = torch.cat([coded, rough, to_tensor(pictures[2 * part :])])
    optimiser = torch.optim.AdamW(model.parameters(), PEAK_RATE, weight_decay=0.02, fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, PEAK_RATE, STEPS)
    for step in range(STEPS):
        chosen = torch.randint(0, len(seen), (BATCH,))
        pixels, wanted = seen[chosen], labels[chosen]
        if step % 2:
            pixels = pixels.flip(3)
        pixels = pixels + 0.05 * torch.randn(BATCH, 1, 1, 1) * torch.randn_like(pixels)
        with torch.autocast("cpu", torch.bfloat16):
            logits = model(pixels.contiguous(memory_format=torch.channels_last))
        loss = nn.functional.binary_cross_entropy_with_logits(logits.float(), wanted)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()
        if step % 200 == 0:
            logger.info("classifier step %d loss %.4f", step, loss.item())


@torch.no_grad()
def shown(model: TagClassifier, pixels: torch.Tensor) -> torch.Tensor:
    """Which tags each picture shows, bool (B, 30)."""
    return torch.cat([model(part) > 0 for part in pixels.split(64)])

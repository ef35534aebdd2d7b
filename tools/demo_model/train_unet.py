"""Trains the U-Net and the text encoder together on cached latents."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from .captions import CaptionIds, batch_ids
from .fused_norm import build_kernel
from .layers import use_kernel
from .loop import Loop, Plan
from .parallel import rank
from .text_encoder import TextModel
from .tokens import END
from .unet import UNet
from .vae import SCALING_FACTOR

PEAK_RATE = 2e-3
WARMUP_STEPS = 100
BATCH = 32  # per process
STEPS = 1000
SNR_LIMIT = 5.0
SKIP_SHARE = 0.08  # of the steps leave out the text encoder's last layer, so that clip skip 2 works
SHORT_UNTIL, SHORT_SHARE, SHORT_STEP = 0.6, 0.75, 8  # most early steps leave out the padding: a fifth faster
OUTER_LAYERS = ("unet.input_blocks.0.", "unet.out.", "text.embeddings", "known")


def alphas_cumulative() -> torch.Tensor:
    """The scaled-linear schedule of SD1: (1000,) float32."""
    betas = torch.linspace(0.00085**0.5, 0.012**0.5, STEPS, dtype=torch.float64) ** 2
    return torch.cumprod(1.0 - betas, dim=0).float()


class Painter(nn.Module):
    """The U-Net and the text encoder; only the token vectors that captions use are trained (`known`)."""

    def __init__(self, vocabulary: list[int]) -> None:
        super().__init__()
        self.unet = UNet()
        self.text = TextModel()
        table = self.text.embeddings.token_embedding.weight.requires_grad_(False)
        self.known = nn.Parameter(table[vocabulary].clone())
        places = torch.full((len(table),), -1)
        places[vocabulary] = torch.arange(len(vocabulary))
        self.register_buffer("places", places, persistent=False)
        self.vocabulary = vocabulary

    def context(self, ids: torch.Tensor, skip: int = 0) -> torch.Tensor:
        """(B, 77) ids to (B, 77, 128)."""
        places = self.get_buffer("places")[ids]
        vectors = torch.where((places >= 0)[..., None], self.known[places.clamp(min=0)], self.text.embeddings.token_embedding(ids))
        return self.text.transform(vectors, skip)

    def parts(self) -> dict[str, nn.Module]:
        """The U-Net, and the text encoder with the trained vectors in its table."""
        with torch.no_grad():
            self.text.embeddings.token_embedding.weight[self.vocabulary] = self.known
        return {"unet": self.unet, "text": self.text}


def _loss(painter: Painter, latents: torch.Tensor, ids: torch.Tensor, skip: int, cumulative: torch.Tensor) -> torch.Tensor:
    mean, deviation = latents.float().unbind(1)
    clean = SCALING_FACTOR * (mean + deviation * torch.randn_like(mean))
    noise = torch.randn_like(clean)
    steps = torch.randint(0, STEPS, (len(clean),))
    kept = cumulative[steps].view(-1, 1, 1, 1)
    noisy = (kept.sqrt() * clean + (1 - kept).sqrt() * noise).contiguous(memory_format=torch.channels_last)
    with torch.autocast("cpu", torch.bfloat16):
        found = painter.unet(noisy, steps, painter.context(ids, skip))
    ratio = kept.flatten() / (1 - kept.flatten())
    weight = ratio.clamp(max=SNR_LIMIT) / ratio
    error: torch.Tensor = functional.mse_loss(found.float(), noise, reduction="none").mean(dim=(1, 2, 3))
    return (error * weight).mean()


def _shortened(ids: torch.Tensor, step: int, share: float) -> torch.Tensor:
    """Without most of the padding in many steps of the first part of the training."""
    if share > SHORT_UNTIL or np.random.default_rng((8, step)).random() > SHORT_SHARE:
        return ids
    longest = int((ids != END).sum(dim=1).max()) + 1
    return ids[:, : -(-longest // SHORT_STEP) * SHORT_STEP]


def train_unet(folder: Path, latents: NDArray[np.float16], scenes: list[frozenset[str]], budget_s: float) -> Painter:
    """Trains within `budget_s` seconds of training time, resuming from `folder`; returns the averaged model."""
    captions, cumulative = CaptionIds(), alphas_cumulative()
    torch.manual_seed(3)
    painter: Painter = Painter(captions.vocabulary()).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    use_kernel(painter, build_kernel(folder))

    def loss_of(step: int, share: float) -> torch.Tensor:
        chosen = np.random.default_rng((4, step, rank())).integers(0, len(latents), BATCH)
        ids = torch.from_numpy(batch_ids(captions, [scenes[i] for i in chosen], (5, step, rank())))
        skip = int(np.random.default_rng((6, step)).random() < SKIP_SHARE)
        return _loss(painter, torch.from_numpy(latents[chosen]), _shortened(ids, step, share), skip, cumulative)

    named = [(name, parameter) for name, parameter in painter.named_parameters() if parameter.requires_grad]
    Loop(Plan("unet", folder / "unet.pt", budget_s, PEAK_RATE, WARMUP_STEPS, OUTER_LAYERS), named).run(loss_of)
    use_kernel(painter, None)
    return painter

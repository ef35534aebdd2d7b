"""Trains a textual inversion embedding (Gal et al. 2022, arXiv:2208.01618) and writes it as A1111's safetensors."""

from __future__ import annotations

from pathlib import Path
from random import Random

import torch
from safetensors.torch import save_file
from torch import nn

from tools.demo_model.captions import CaptionIds
from tools.demo_model.loop import Loop, Plan
from tools.demo_model.sampler import Checkpoint
from tools.demo_model.text_encoder import WIDTH
from tools.demo_model.tokens import END, LENGTH, START

from .data import Lesson
from .noise_loss import NoiseLoss

VECTORS = 4
BATCH = 16
PEAK_RATE, WARMUP_STEPS = 1.5e-2, 20
SPREAD = 0.1
ALONE_SHARE, MOST_OTHERS = 0.4, 3


class Word(nn.Module):
    """The vectors that stand for the word: (VECTORS, 128)."""

    def __init__(self, table: torch.Tensor) -> None:
        super().__init__()
        self.vectors = nn.Parameter(SPREAD * torch.randn(VECTORS, WIDTH) * table.std())

    def embedded(self, table: torch.Tensor, others: list[int]) -> torch.Tensor:
        """Token vectors (77, 128) of a prompt: the word, then other tokens."""
        ids = [START, *[END] * VECTORS, *others][: LENGTH - 1]
        ids += [END] * (LENGTH - len(ids))
        found = table[torch.tensor(ids)]
        return torch.cat([found[:1], self.vectors, found[1 + VECTORS :]])


def train_embedding(folder: Path, checkpoint: Checkpoint, lesson: Lesson, shows: frozenset[str], budget_s: float) -> Word:
    """Train within ``budget_s`` seconds a word for ``shows``; the rest of each picture's tags may stand in the caption."""
    torch.manual_seed(22)
    for part in (checkpoint.unet, checkpoint.text):
        part.requires_grad_(False)
    table = checkpoint.text.embeddings.token_embedding.weight
    word, losses, captions = Word(table), NoiseLoss(lesson, BATCH), CaptionIds()

    def others(index: int, rng: Random) -> list[int]:
        rest = sorted(lesson.scenes[index] - shows)
        if not rest or rng.random() < ALONE_SHARE:
            return []
        row = captions.exact(rng.sample(rest, min(len(rest), rng.randint(1, MOST_OTHERS))))
        comma = captions.exact(["day", "night"])[2]
        return [comma, *(token for token in row if token < START)]

    def loss_of(step: int, share: float) -> torch.Tensor:
        rng = Random(f"13 {step}")
        embedded = torch.stack([word.embedded(table, others(index, rng)) for index in losses.scenes(step)])
        return losses.of(step, checkpoint.text.transform(embedded), checkpoint.unet)

    plan = Plan("embedding", folder / "embedding.pt", budget_s, PEAK_RATE, WARMUP_STEPS, ("vectors",))
    Loop(plan, list(word.named_parameters())).run(loss_of)
    return word


def write_embedding(path: Path, word: Word) -> None:
    """Write the file."""
    save_file({"emb_params": word.vectors.detach().float().contiguous()}, path)

"""Trains a hypernetwork (NovelAI's; in A1111's layout) for every width that the U-Net's attention reads, and writes it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn

from tools.demo_model.captions import CaptionIds, batch_ids
from tools.demo_model.loop import Loop, Plan
from tools.demo_model.sampler import Checkpoint
from tools.demo_model.unet import CrossAttention, UNet

from .data import Lesson
from .noise_loss import NoiseLoss

STRUCTURE = (1, 2, 1)
ACTIVATION = "linear"
BATCH = 16
PEAK_RATE, WARMUP_STEPS = 2e-3, 30
KEY, VALUE = 0, 1


class ReadChange(nn.Module):
    """(B, N, width) -> the same plus what two linear layers make of it."""

    def __init__(self, width: int) -> None:
        super().__init__()
        widths = [round(width * factor) for factor in STRUCTURE]
        self.linear = nn.Sequential(*(nn.Linear(one, other) for one, other in zip(widths, widths[1:], strict=False)))
        for layer in self.linear:
            nn.init.normal_(layer.weight, std=0.01)
            nn.init.zeros_(layer.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        change: torch.Tensor = self.linear(x)
        return x + change


class Hypernetwork(nn.Module):
    """One change for keys and one for values, for each width."""

    def __init__(self, unet: UNet) -> None:
        super().__init__()
        self.attentions = [module for module in unet.modules() if isinstance(module, CrossAttention)]
        widths = sorted({layer.to_k.in_features for layer in self.attentions})
        self.pairs = nn.ModuleDict({str(width): nn.ModuleList([ReadChange(width), ReadChange(width)]) for width in widths})

    def attach(self) -> list[Any]:
        """Let the U-Net's attention read through the changes; the handles end that."""
        handles = []
        for layer in self.attentions:
            pair = self.pairs[str(layer.to_k.in_features)]
            for linear, change in ((layer.to_k, pair[KEY]), (layer.to_v, pair[VALUE])):
                handles.append(linear.register_forward_pre_hook(lambda module, inputs, change=change: (change(inputs[0]),)))
        return handles

    def contents(self) -> dict[Any, Any]:
        """What A1111's file holds for the networks."""
        return {
            int(width): tuple({name: tensor.half() for name, tensor in change.state_dict().items()} for change in pair)
            for width, pair in self.pairs.items()
        }


def train_hypernetwork(folder: Path, checkpoint: Checkpoint, lesson: Lesson, budget_s: float) -> Hypernetwork:
    """Train within ``budget_s`` seconds, resuming from ``folder``."""
    torch.manual_seed(23)
    unet = checkpoint.unet.requires_grad_(False)
    network, losses, captions = Hypernetwork(unet), NoiseLoss(lesson, BATCH), CaptionIds()

    def loss_of(step: int, share: float) -> torch.Tensor:
        ids = batch_ids(captions, [lesson.scenes[index] for index in losses.scenes(step)], (14, step))
        return losses.of(step, checkpoint.context(ids), unet)

    handles = network.attach()
    plan = Plan("hypernetwork", folder / "hypernetwork.pt", budget_s, PEAK_RATE, WARMUP_STEPS, ("pairs.",))
    try:
        Loop(plan, list(network.named_parameters())).run(loss_of)
    finally:
        for handle in handles:
            handle.remove()
    return network


def write_hypernetwork(path: Path, network: Hypernetwork, facts: Mapping[str, Any]) -> None:
    """Write the file; ``facts``: name, step and what it was trained with."""
    layout = {
        "layer_structure": list(STRUCTURE),
        "activation_func": ACTIVATION,
        "is_layer_norm": False,
        "weight_initialization": "Normal",
        "use_dropout": False,
        "activate_output": False,
        "last_layer_dropout": False,
        "dropout_structure": [0.0] * len(STRUCTURE),
    }
    torch.save({**network.contents(), **layout, **facts}, path)

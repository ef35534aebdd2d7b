"""Trains a LoRA of the U-Net (Hu et al. 2021, arXiv:2106.09685) and writes it as kohya's scripts do."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from diffusers import UNet2DConditionModel
from safetensors.torch import save_file
from torch import nn
from torch.func import functional_call

from extensions.lora.unet_names import ldm_names
from tools.demo_model.captions import CaptionIds, batch_ids
from tools.demo_model.loop import Loop, Plan
from tools.demo_model.sampler import Checkpoint
from tools.demo_model.unet import UNet
from tools.demo_model.verify import diffusers_config

from .data import Lesson
from .noise_loss import NoiseLoss

RANK = 12
BATCH = 16
PEAK_RATE, WARMUP_STEPS = 3e-3, 30


class LowRankChanges(nn.Module):
    """A change of low rank for every linear layer and convolution: ``up @ down`` is added to the weight."""

    def __init__(self, unet: UNet) -> None:
        super().__init__()
        layers = {name: module for name, module in unet.named_modules() if isinstance(module, nn.Linear | nn.Conv2d)}
        self.layers = {name: layer.weight.shape for name, layer in layers.items()}
        self.down, self.up = nn.ParameterDict(), nn.ParameterDict()
        for name, shape in self.layers.items():
            inputs = int(np.prod(shape[1:]))
            self.down[_key(name)] = nn.Parameter(torch.randn(RANK, inputs) / inputs**0.5)
            self.up[_key(name)] = nn.Parameter(torch.zeros(shape[0], RANK))

    def weights(self, unet: UNet) -> dict[str, torch.Tensor]:
        """The changed weights, by parameter name."""
        own = dict(unet.named_parameters())
        return {f"{name}.weight": own[f"{name}.weight"] + self._change(name) for name in self.layers}

    def tensors(self) -> dict[str, torch.Tensor]:
        """As a file holds them: half precision, kohya's names (those of diffusers' layers), alpha equal to the rank."""
        found: dict[str, torch.Tensor] = {}
        with torch.device("meta"):
            modules = UNet2DConditionModel(**diffusers_config()).named_modules()
        theirs = [name for name, module in modules if isinstance(module, nn.Linear | nn.Conv2d)]
        known = {ldm: name for name, ldm in ldm_names(theirs).items()}
        for name, shape in self.layers.items():
            base = f"lora_unet_{known[name].replace('.', '_')}"
            found[f"{base}.lora_down.weight"] = self.down[_key(name)].detach().view(RANK, *shape[1:]).half().contiguous()
            found[f"{base}.lora_up.weight"] = self.up[_key(name)].detach().view(shape[0], RANK, *(1 for _ in shape[2:])).half().contiguous()
            found[f"{base}.alpha"] = torch.tensor(float(RANK)).half()
        return found

    def _change(self, name: str) -> torch.Tensor:
        change: torch.Tensor = (self.up[_key(name)] @ self.down[_key(name)]).view(self.layers[name])
        return change


def train_lora(folder: Path, checkpoint: Checkpoint, lesson: Lesson, budget_s: float) -> LowRankChanges:
    """Train within ``budget_s`` seconds, resuming from ``folder``."""
    torch.manual_seed(21)
    unet = checkpoint.unet.requires_grad_(False)
    changes, losses, captions = LowRankChanges(unet), NoiseLoss(lesson, BATCH), CaptionIds()

    def loss_of(step: int, share: float) -> torch.Tensor:
        ids = batch_ids(captions, [lesson.scenes[index] for index in losses.scenes(step)], (12, step))
        weights = changes.weights(unet)
        return losses.of(step, checkpoint.context(ids), lambda *inputs: functional_call(unet, weights, inputs))

    plan = Plan("lora", folder / "lora.pt", budget_s, PEAK_RATE, WARMUP_STEPS, outer=())  # all by Muon
    Loop(plan, list(changes.named_parameters())).run(loss_of)
    return changes


def write_lora(path: Path, changes: LowRankChanges, facts: Mapping[str, str]) -> None:
    """Write the file; ``facts`` are ``ss_`` metadata beside those of the network."""
    network = {"ss_network_module": "networks.lora", "ss_network_dim": str(RANK), "ss_network_alpha": str(float(RANK))}
    save_file(changes.tensors(), path, {**network, "ss_base_model_version": "sd_v1", **facts})


def _key(name: str) -> str:
    """A parameter's name may hold no dots."""
    return name.replace(".", "/")

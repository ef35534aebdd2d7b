"""Decides at load time what a U-Net predicts, where the header left it open."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import torch
from torch import nn

from app.api import Json, ModelIdentity, PredictionType

from .identify import native_size_px
from .parts import config_of

_PARAMETERIZATION = re.compile(r"^\s*parameterization\s*:\s*[\"']?(v|eps)\b", re.MULTILINE)
PROBE_THRESHOLD = -1.0
Learn = Callable[[str, Json], None]


def decide_prediction(identity: ModelIdentity, path: Path, unet: nn.Module, learn: Learn) -> PredictionType:
    """By a .yaml of the same name, by the header, by running the U-Net (SD2 only), whose outcome is learned; else "epsilon"."""
    told = sidecar_prediction(path)
    if told is not None:
        return told
    if identity.prediction_type is not None:
        return identity.prediction_type
    if identity.family != "sd2":
        return "epsilon"
    probed = probe_prediction(unet)
    learn("prediction_type", probed)
    learn("native_size_px", native_size_px(identity, probed))
    return probed


def sidecar_prediction(path: Path) -> PredictionType | None:
    """What the configuration beside the checkpoint says (``parameterization`` of LDM's yaml); None without one."""
    try:
        found = _PARAMETERIZATION.search(path.with_suffix(".yaml").read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return None
    if found is None:
        return None
    return "v" if found[1] == "v" else "epsilon"


@torch.no_grad()
def probe_prediction(unet: nn.Module) -> PredictionType:
    """Run the U-Net once on a grey input at the last timestep: a noise predictor returns about what it got, a velocity predictor less."""
    weight = next(unet.parameters())
    channels = int(config_of(unet)["in_channels"])
    x = torch.full((1, channels, 8, 8), 0.5, device=weight.device, dtype=weight.dtype)
    context = torch.full((1, 2, int(config_of(unet)["cross_attention_dim"])), 0.5, device=weight.device, dtype=weight.dtype)
    timestep = torch.full((1,), 999, device=weight.device)
    output = unet(x, timestep, encoder_hidden_states=context, return_dict=False)[0]
    return "v" if float((output.float() - x.float()).mean()) < PROBE_THRESHOLD else "epsilon"
